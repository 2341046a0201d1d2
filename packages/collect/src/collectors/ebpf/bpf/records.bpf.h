/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What every topic uses: counters and switches, the two rings, and the head of a record. */
#pragma once

#include "kernel.bpf.h"
#include "kinds.bpf.h"

/* By kind. */
u64 emitted[KINDS];
u64 lost[KINDS];
/* Whether a kind is told; set while the programs run. */
u32 enabled[KINDS];

INLINE int is_told(u32 kind) {
  return kind < KINDS && enabled[kind];
}

/* Bytes in the bulk ring from which on its reader is woken. */
u64 wake_bytes;
/* Whether the reader wants to be woken. To wake it costs more than all the rest, so it asks each time anew. */
u32 wake_armed;

/* Exec, fork, exit and changes of credentials: never behind the bulk. Both rings are resized by the loader. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_RINGBUF);
  MAP_UINT(max_entries, 1 << 20);
} process_ring SEC(".maps");

struct {
  MAP_UINT(type, BPF_MAP_TYPE_RINGBUF);
  MAP_UINT(max_entries, 1 << 20);
} bulk_ring SEC(".maps");

#define NAME_SLACK 256
#define SCRATCH (32768 - 8)

/*
 * `at` is where the next byte goes. It lives in memory because what is read from there is unknown to the verifier: so
 * each turn of a loop looks like the last, where a register would carry a range of its own into each of them.
 */
struct scratch {
  u64 at;
  u8 bytes[SCRATCH];
};

/* Where a record of varying length is put together: one place for exec, one for files, one for the rest. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  MAP_UINT(max_entries, 3);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct scratch);
} scratches SEC(".maps");

struct identity {
  u64 start;
  u32 pid;
  u32 pad;
};

/* Process id -> start in clock ticks: processes whose sockets and files are not told. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_HASH);
  MAP_UINT(max_entries, 1024);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, u64);
} ignored SEC(".maps");

/*
 * How full a ring may be, in bytes, for a kind still to be told: what is given up first has the least. Beyond that a record
 * counts as lost before anything is spent on it. The order stands in priorities.ts.
 */
u64 room_limits[KINDS];

struct header {
  u64 time; /* ns since boot, the time asleep counted */
  u32 type;
  u32 pid;
  u64 start; /* as time */
};

INLINE void count(u64 *counters, u32 type) {
  if (type < KINDS) __sync_fetch_and_add(&counters[type], 1);
}

/* Counts a record that is to be told; whether the bulk ring still has room for its kind. */
INLINE int admit(u32 type) {
  count(emitted, type);
  if (type < KINDS && bpf_ringbuf_query(&bulk_ring, BPF_RB_AVAIL_DATA) <= room_limits[type]) return 1;
  count(lost, type);
  return 0;
}

/* As admit, for the ring that is kept for what must not be lost. */
INLINE int admit_vital(u32 type) {
  count(emitted, type);
  if (type < KINDS && bpf_ringbuf_query(&process_ring, BPF_RB_AVAIL_DATA) <= room_limits[type]) return 1;
  count(lost, type);
  return 0;
}

INLINE void head(struct header *to, u32 type, u32 pid, u64 start) {
  to->time = bpf_ktime_get_boot_ns();
  to->type = type;
  to->pid = pid;
  to->start = start;
}

INLINE u64 wake(void) {
  if (!wake_armed) return BPF_RB_NO_WAKEUP;
  wake_armed = 0;
  return BPF_RB_FORCE_WAKEUP;
}

INLINE u64 bulk_wake(void) {
  if (bpf_ringbuf_query(&bulk_ring, BPF_RB_AVAIL_DATA) < wake_bytes) return BPF_RB_NO_WAKEUP;
  return wake();
}

INLINE u64 start_of(struct task_struct *task) {
  struct task_struct *leader = READ(task, group_leader);
  return READ(leader, start_boottime);
}

INLINE int is_ignored(u32 pid, u64 start) {
  u64 *ticks = bpf_map_lookup_elem(&ignored, &pid);
  return ticks && *ticks == start / 10000000;
}

/* Sends what was put together. Negative when the ring is full. */
INLINE long send(void *ring, struct scratch *scratch, u64 flags) {
  u64 size = scratch->at;
  if (size > SCRATCH) return -1;
  return bpf_ringbuf_output(ring, scratch->bytes, size, flags);
}
