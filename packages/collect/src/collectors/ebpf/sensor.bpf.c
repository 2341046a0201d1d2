/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel's half of the ebpf collector. It only reads; what it writes goes to two rings that the decoders in records/ read,
 * which know these structures byte for byte. sensor.bpf.o is this file compiled (scripts/build-bpf.ts).
 *
 * Every record is counted in emitted[] before it is written and in lost[] where its ring was full. A topic is a file in
 * bpf/ and a line here.
 */
#include "bpf/processes.bpf.h"
#include "bpf/sockets.bpf.h"
#include "bpf/files.bpf.h"
#include "bpf/calls.bpf.h"
#include "bpf/counts.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
