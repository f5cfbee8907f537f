// The firmware's graphics output as a linear framebuffer. See loader.h.
//
// EFI_GRAPHICS_OUTPUT_PROTOCOL, §12.9. Some outputs can only be drawn on by the
// firmware (PixelBltOnly: virtio-gpu under EDK2); those are of no use later.

#include "boot/efi/loader.h"

static const struct mask_format {
	EFI_PIXEL_BITMASK mask;
	const char *format;
} mask_formats[] = {
	{ { 0xff0000, 0xff00, 0xff, 0xff000000 }, "x8r8g8b8" },
	{ { 0xff, 0xff00, 0xff0000, 0xff000000 }, "x8b8g8r8" },
	{ { 0xf800, 0x7e0, 0x1f, 0 }, "r5g6b5" },
	{ { 0x7c00, 0x3e0, 0x1f, 0x8000 }, "x1r5g5b5" },
	{ { 0xff0000, 0xff00, 0xff, 0 }, "r8g8b8" },
	{ { 0x3ff00000, 0xffc00, 0x3ff, 0xc0000000 }, "x2r10g10b10" },
};

static const char *mask_format(const EFI_PIXEL_BITMASK *mask)
{
	for (UINTN i = 0; i < sizeof(mask_formats) / sizeof(mask_formats[0]); i++)
		if (!CompareMem(mask, &mask_formats[i].mask, sizeof(*mask)))
			return mask_formats[i].format;
	return NULL;
}

static uint32_t mask_pixel_bytes(const EFI_PIXEL_BITMASK *mask)
{
	uint32_t all = mask->RedMask | mask->GreenMask | mask->BlueMask | mask->ReservedMask;

	return all >> 24 ? 4 : all >> 16 ? 3 : 2;
}

static bool describe(const EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *mode, struct loader_screen *out)
{
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = mode->Info;
	uint32_t pixel_bytes = 4;

	switch (info->PixelFormat) {
	case PixelRedGreenBlueReserved8BitPerColor: // red in the first byte
		out->format = "x8b8g8r8";
		break;
	case PixelBlueGreenRedReserved8BitPerColor:
		out->format = "x8r8g8b8";
		break;
	case PixelBitMask:
		out->format = mask_format(&info->PixelInformation);
		pixel_bytes = mask_pixel_bytes(&info->PixelInformation);
		break;
	default:
		return false;
	}
	out->address = mode->FrameBufferBase;
	out->bytes = mode->FrameBufferSize;
	out->width = info->HorizontalResolution;
	out->height = info->VerticalResolution;
	out->stride_bytes = info->PixelsPerScanLine * pixel_bytes;
	if (!out->bytes)
		out->bytes = (uint64_t)out->stride_bytes * out->height;
	return out->format && out->address;
}

static bool read_number(const char **p, uint32_t *value)
{
	const char *start = *p;

	for (*value = 0; **p >= '0' && **p <= '9' && *value < 100000; ++*p)
		*value = *value * 10 + (uint32_t)(**p - '0');
	return *p != start;
}

// video=WxH, a word of its own and before "--", where the app's words begin.
static bool asked_size(const char *line, uint32_t *width, uint32_t *height)
{
	static const char key[] = "video=";

	while (*line) {
		const char *p = line;
		UINTN n = 0;

		while (key[n] && p[n] == key[n])
			n++;
		p += n;
		if (!key[n])
			return read_number(&p, width) && *p++ == 'x' && read_number(&p, height);
		if (line[0] == '-' && line[1] == '-' && (!line[2] || line[2] == ' '))
			return false;
		while (*line && *line != ' ')
			line++;
		while (*line == ' ')
			line++;
	}
	return false;
}

static void choose_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *gop, uint32_t width, uint32_t height)
{
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info;
	UINTN bytes;

	for (UINT32 i = 0; i < gop->Mode->MaxMode; i++) {
		bool fits;

		if (gop->QueryMode(gop, i, &bytes, &info) != EFI_SUCCESS)
			continue;
		fits = info->HorizontalResolution == width && info->VerticalResolution == height;
		FreePool(info);
		if (fits && (i == gop->Mode->Mode || gop->SetMode(gop, i) == EFI_SUCCESS))
			return;
	}
	Print(L"video=: the firmware's display has no mode %dx%d\n", width, height);
}

bool screen_find(EFI_BOOT_SERVICES *boot, const char *command_line, struct loader_screen *out)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop;
	uint32_t width, height;
	EFI_HANDLE *handles;
	bool found = false;
	UINTN count;

	if (boot->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles) != EFI_SUCCESS)
		return false;
	for (UINTN i = 0; !found && i < count; i++) {
		if (boot->HandleProtocol(handles[i], &guid, (void **)&gop) != EFI_SUCCESS ||
		    !gop->Mode || !gop->Mode->Info || !describe(gop->Mode, out))
			continue;
		if (asked_size(command_line, &width, &height))
			choose_mode(gop, width, height);
		found = describe(gop->Mode, out);
	}
	FreePool(handles);
	return found;
}
