/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * io_uring: work that is handed to the kernel in memory, past the system calls. It is counted by process and operation,
 * told when a process begins with it, then once a second while it goes on, and when it ends. Opens and connects are told
 * by name, so many a second. What only waits is left out: the event loops of many programs do that and no more.
 */
#pragma once

#include "system-records.bpf.h"

#define OPERATIONS 64
#define NAMED_A_SECOND 32
/* NOP, POLL_*, *TIMEOUT*, ASYNC_CANCEL, EPOLL_*, FUTEX_*, WAITID, MSG_RING. */
#define WAITING_OPERATIONS                                                                                       \
  (1ULL << 0 | 1ULL << 6 | 1ULL << 7 | 1ULL << 11 | 1ULL << 12 | 1ULL << 14 | 1ULL << 15 | 1ULL << 29 |          \
   1ULL << 40 | 1ULL << 50 | 1ULL << 51 | 1ULL << 52 | 1ULL << 53 | 1ULL << 59)
#define IORING_OP_CONNECT 16
#define IORING_OP_OPENAT 18
#define IORING_OP_OPENAT2 28

struct uring {
  u64 start;
  u64 told; /* ns since boot */
  u32 named; /* since then */
  u32 pad;
  u32 counts[OPERATIONS];
};

struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 1024);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct uring);
} urings SEC(".maps");

/* A new value of it: too large for the stack beside the rest. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_ARRAY);
  MAP_UINT(max_entries, 1);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct uring);
} no_uring SEC(".maps");

/* Whether any process has used it. */
u32 uring_used;

/* Tells what was counted and begins anew. What is counted meanwhile on another processor is in the next one. */
static __attribute__((noinline)) int tell_counts(struct task_struct *task, struct uring *uring) {
  struct scratch *scratch = begin_system(IO_URING, task);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->call = URING_COUNTS;
  record->flags = SYSTEM_COUNTS;
  u32 *counts = (void *)(record + 1);
  u32 some = 0;
  for (int i = 0; i < OPERATIONS; i++) {
    counts[i] = __sync_lock_test_and_set(&uring->counts[i], 0);
    some |= counts[i];
  }
  if (!some) return 0;
  record->text_length[0] = OPERATIONS * sizeof(u32);
  scratch->at += OPERATIONS * sizeof(u32);
  tell_system(scratch);
  return 0;
}

/* Of a process that ends. */
static __attribute__((noinline)) int end_uring(struct task_struct *task) {
  u32 pid = READ(task, tgid);
  struct uring *uring = bpf_map_lookup_elem(&urings, &pid);
  if (!uring || uring->start != start_of(task)) return 0;
  tell_counts(task, uring);
  bpf_map_delete_elem(&urings, &pid);
  return 0;
}

SEC("tp_btf/io_uring_submit_req")
int uring_submit(u64 *ctx) {
  if (!is_told(IO_URING)) return 0;
  struct io_kiocb *request = (void *)ctx[0];
  u32 operation = READ(request, opcode);
  if (WAITING_OPERATIONS >> (operation & 63) & 1) return 0;
  struct task_struct *task = bpf_get_current_task();
  u32 pid = READ(task, tgid);
  u64 start = start_of(task), now = bpf_ktime_get_boot_ns();
  if (is_ignored(pid, start)) return 0;
  struct uring *uring = bpf_map_lookup_elem(&urings, &pid);
  if (!uring || uring->start != start) {
    u32 zero = 0;
    struct uring *none = bpf_map_lookup_elem(&no_uring, &zero);
    if (!none) return 0;
    uring_used = 1;
    bpf_map_update_elem(&urings, &pid, none, BPF_ANY);
    uring = bpf_map_lookup_elem(&urings, &pid);
    if (!uring) return 0;
    uring->start = start;
  }
  if (operation < OPERATIONS) __sync_fetch_and_add(&uring->counts[operation], 1);
  if (now - uring->told > SECOND) {
    uring->told = now;
    uring->named = 0;
    tell_counts(task, uring);
  }
  if (operation != IORING_OP_OPENAT && operation != IORING_OP_OPENAT2 && operation != IORING_OP_CONNECT) return 0;
  if (__sync_fetch_and_add(&uring->named, 1) >= NAMED_A_SECOND) return 0;
  struct scratch *scratch = begin_system(IO_URING, task);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->call = URING_NAMED;
  record->values[0] = operation;
  if (operation == IORING_OP_CONNECT) {
    if (!HAS(struct io_connect, addr)) return 0;
    bpf_probe_read_user(&record->values[1], 32, READ((struct io_connect *)request, addr));
  } else {
    if (!HAS(struct io_open, filename)) return 0;
    struct filename *filename = READ((struct io_open *)request, filename);
    add_kernel_text(scratch, 0, READ(filename, name));
  }
  tell_system(scratch);
  return 0;
}
