// Tables of virtio-gpu names. See names.h.

#include "sim/model/names.h"

#include <linux/virtio_gpu.h>
#include <stddef.h>
#include <string.h>

struct name {
	uint32_t type;
	const char *text;
};

#define COMMAND(name) { VIRTIO_GPU_CMD_##name, #name }
#define ANSWER(name) { VIRTIO_GPU_RESP_##name, #name }

static const struct name commands[] = {
	COMMAND(GET_DISPLAY_INFO),
	COMMAND(RESOURCE_CREATE_2D),
	COMMAND(RESOURCE_UNREF),
	COMMAND(SET_SCANOUT),
	COMMAND(RESOURCE_FLUSH),
	COMMAND(TRANSFER_TO_HOST_2D),
	COMMAND(RESOURCE_ATTACH_BACKING),
	COMMAND(RESOURCE_DETACH_BACKING),
	COMMAND(GET_CAPSET_INFO),
	COMMAND(GET_CAPSET),
	COMMAND(GET_EDID),
	COMMAND(RESOURCE_ASSIGN_UUID),
	COMMAND(RESOURCE_CREATE_BLOB),
	COMMAND(SET_SCANOUT_BLOB),
	COMMAND(CTX_CREATE),
	COMMAND(CTX_DESTROY),
	COMMAND(CTX_ATTACH_RESOURCE),
	COMMAND(CTX_DETACH_RESOURCE),
	COMMAND(RESOURCE_CREATE_3D),
	COMMAND(TRANSFER_TO_HOST_3D),
	COMMAND(TRANSFER_FROM_HOST_3D),
	COMMAND(SUBMIT_3D),
	COMMAND(RESOURCE_MAP_BLOB),
	COMMAND(RESOURCE_UNMAP_BLOB),
	COMMAND(UPDATE_CURSOR),
	COMMAND(MOVE_CURSOR),
	{ 0, NULL },
};

static const struct name answers[] = {
	ANSWER(OK_NODATA),
	ANSWER(OK_DISPLAY_INFO),
	ANSWER(OK_EDID),
	ANSWER(ERR_UNSPEC),
	ANSWER(ERR_OUT_OF_MEMORY),
	ANSWER(ERR_INVALID_SCANOUT_ID),
	ANSWER(ERR_INVALID_RESOURCE_ID),
	ANSWER(ERR_INVALID_CONTEXT_ID),
	ANSWER(ERR_INVALID_PARAMETER),
	{ 0, NULL },
};

static const char *name_of(const struct name *table, uint32_t type)
{
	for (; table->text; table++)
		if (table->type == type)
			return table->text;
	return "?";
}

static uint32_t number_of(const struct name *table, const char *text)
{
	for (; table->text; table++) {
		if (!strcmp(table->text, text))
			return table->type;
		if (!strncmp(table->text, "ERR_", 4) && !strcmp(table->text + 4, text))
			return table->type;
	}
	return 0;
}

const char *sim_gpu_command_name(uint32_t type)
{
	return name_of(commands, type);
}

const char *sim_gpu_answer_name(uint32_t type)
{
	return name_of(answers, type);
}

uint32_t sim_gpu_command_number(const char *name)
{
	return number_of(commands, name);
}

uint32_t sim_gpu_answer_number(const char *name)
{
	return number_of(answers, name);
}
