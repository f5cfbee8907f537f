// The spec's names of virtio-gpu commands and answers, for traces and faults.
//
// Spelled as in virtio 1.2 §5.7.6.7 without VIRTIO_GPU_CMD_ and
// VIRTIO_GPU_RESP_; of errors ("ERR_OUT_OF_MEMORY") the ERR_ may be left out.
#pragma once

#include <stdint.h>

const char *sim_gpu_command_name(uint32_t type); // "?" if there is none
const char *sim_gpu_answer_name(uint32_t type);  // "?" if there is none
uint32_t sim_gpu_command_number(const char *name); // 0 if there is none
uint32_t sim_gpu_answer_number(const char *name);  // 0 if there is none
