/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How often each process made each system call, and the last calls of those that are followed. The program is attached
 * only while one of them is asked for: it is in the way of every call of everybody.
 */
#pragma once

#include "calls.bpf.h"

#define BPF_MAP_TYPE_PERCPU_HASH 5

/* A call of a 32-bit program on a 64-bit machine has a number of another table. */
#define COMPAT_CALL 0x10000

struct count_key {
  u64 start;
  u32 pid;
  u32 call;
};

/* Emptied by user space, many at a time. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_PERCPU_HASH);
  MAP_UINT(max_entries, 16384);
  MAP_TYPE(key, struct count_key);
  MAP_TYPE(value, u64);
} call_counts SEC(".maps");

#define SEQUENCE 256

struct sequence {
  u64 count;
  u16 calls[SEQUENCE];
};

/* A process by its id, or a cgroup by its id with the topmost bit set. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_HASH);
  MAP_UINT(max_entries, 64);
  MAP_TYPE(key, u64);
  MAP_TYPE(value, struct sequence);
} call_sequences SEC(".maps");

#define OF_CGROUP (1ULL << 63)

/* How many are followed. */
u32 followed;

INLINE void follow(u64 key, u32 call) {
  struct sequence *sequence = bpf_map_lookup_elem(&call_sequences, &key);
  if (!sequence) return;
  u64 place = __sync_fetch_and_add(&sequence->count, 1);
  sequence->calls[place & (SEQUENCE - 1)] = call;
}

SEC("tp_btf/sys_enter")
int call_counted(u64 *ctx) {
  u32 call = ctx[1], pid = bpf_get_current_pid_tgid() >> 32;
  if (call >= CALLS) return 0;
  if (followed) {
    follow(pid, call);
    follow(bpf_get_current_cgroup_id() | OF_CGROUP, call);
  }
  if (!is_told(COUNT_CALLS)) return 0;
  struct count_key key = {.pid = pid, .call = call};
  int is_x86 = HAS(struct pt_regs___x86, orig_ax), is_other = 0;
  if (HAS_HELPER(get_current_task_btf)) {
    struct task_struct *task = bpf_get_current_task_btf();
    key.start = task->group_leader->start_boottime;
    if (is_x86) is_other = task->thread_info.status & TS_COMPAT;
  } else {
    struct task_struct *task = bpf_get_current_task();
    key.start = start_of(task);
    if (is_x86) is_other = is_compat(task);
  }
  if (is_other) key.call |= COMPAT_CALL;
  u64 *count_of = bpf_map_lookup_elem(&call_counts, &key);
  if (count_of) {
    *count_of += 1;
    return 0;
  }
  if (is_ignored(pid, key.start)) return 0;
  u64 one = 1;
  if (!bpf_map_update_elem(&call_counts, &key, &one, BPF_ANY)) return 0;
  /* Full: as many as are not counted are lost. */
  count(emitted, COUNT_CALLS);
  count(lost, COUNT_CALLS);
  return 0;
}
