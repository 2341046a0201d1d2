/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The record that all kinds of system.bpf.h share, and what keeps them few. */
#pragma once

#include "paths.bpf.h"
#include "tasks.bpf.h"

#define VALUES 6
#define TEXTS 3
#define TEXT_MAX 512

/* The last text is a path as the kernel walked it, not text that the program gave. */
#define SYSTEM_WALKED 1
#define SYSTEM_KNOWN 2 /* what was before is known */
#define SYSTEM_COUNTS 4 /* the first text is an array of 32-bit counts */

struct system_record {
  struct header header;
  struct target target; /* pid 0: none */
  u16 call; /* HOW() of the call, or one of the codes that stand for none */
  u16 flags;
  u16 text_length[TEXTS];
  u16 pad;
  u32 pad2;
  s64 result;
  u64 values[VALUES];
};

/* A call that ended, as the table found it. */
struct call {
  u32 how;
  u32 compat;
  s64 result;
  u64 arguments[6];
};

/* What was told a moment ago, or once for all: process and matter -> ns since boot. */
struct told_key {
  u64 start;
  u32 pid;
  u32 matter;
};

struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 8192);
  MAP_TYPE(key, struct told_key);
  MAP_TYPE(value, u64);
} told_before SEC(".maps");

#define SECOND 1000000000ULL
#define EVER (~0ULL)

/*
 * Whether this was told of the process within so many nanoseconds. If not, it counts as told now. The process is the one
 * that runs; another program in it begins anew.
 */
static __attribute__((noinline)) int was_told(u32 pid, u64 start, u32 matter, u64 within) {
  struct task_struct *task = bpf_get_current_task();
  u64 program = READ(task, self_exec_id);
  struct told_key key = {.start = start ^ program << 48, .pid = pid, .matter = matter};
  u64 now = bpf_ktime_get_boot_ns();
  u64 *before = bpf_map_lookup_elem(&told_before, &key);
  if (before && now - *before < within) return 1;
  bpf_map_update_elem(&told_before, &key, &now, BPF_ANY);
  return 0;
}

/* The place where the record is put together, empty but for its head; nothing where the kind or process is not told. */
static __attribute__((noinline)) struct scratch *begin_system(u32 kind, struct task_struct *task) {
  if (!is_told(kind)) return 0;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (is_ignored(pid, start)) return 0;
  u32 slot = 2;
  struct scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, kind, pid, start);
  scratch->at = sizeof(*record);
  return scratch;
}

INLINE void add_text(struct scratch *to, u32 index, u64 from) {
  struct system_record *record = (void *)to->bytes;
  u64 at = to->at;
  if (!from || at > SCRATCH - TEXT_MAX) return;
  long length = bpf_probe_read_user_str(&to->bytes[at], TEXT_MAX, (void *)from);
  if (length <= 0) return;
  record->text_length[index] = length;
  to->at = at + length;
}

INLINE void add_kernel_text(struct scratch *to, u32 index, const void *from) {
  struct system_record *record = (void *)to->bytes;
  u64 at = to->at;
  if (!from || at > SCRATCH - TEXT_MAX) return;
  long length = bpf_probe_read_kernel_str(&to->bytes[at], TEXT_MAX, from);
  if (length <= 0) return;
  record->text_length[index] = length;
  to->at = at + length;
}

/* The path of a file, as the last text. */
INLINE void add_file(struct scratch *to, struct file *file) {
  struct system_record *record = (void *)to->bytes;
  if (!file) return;
  record->text_length[TEXTS - 1] = walk(to, READ(file, f_path.dentry), READ(file, f_path.mnt));
  record->flags |= SYSTEM_WALKED;
}

INLINE void tell_system(struct scratch *scratch) {
  struct system_record *record = (void *)scratch->bytes;
  u32 kind = record->header.type;
  if (kind == SET_USER || kind == SET_GROUP || kind == SET_CAPABILITIES || kind == LOAD_MODULE) {
    if (admit_vital(kind) && send(&process_ring, scratch, BPF_RB_NO_WAKEUP)) count(lost, kind);
  } else if (admit(kind) && send(&bulk_ring, scratch, bulk_wake())) {
    count(lost, kind);
  }
}
