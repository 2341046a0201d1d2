/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Signals that one process sends to another: those to a process of another user, or to one that is guarded, and the tenth,
 * hundredth and thousandth of one sender within a while. What the kernel itself sends is left out.
 */
#pragma once

#include "system-records.bpf.h"

#define SI_USER 0
#define SI_QUEUE -1
#define SI_TKILL -6
#define SIGCHLD 17
#define SIGWINCH 28
#define SIGCONT 18

/* First bytes of the task names that are guarded, ended by zeros. */
struct task_name {
  char text[16];
};

struct {
  MAP_UINT(type, BPF_MAP_TYPE_HASH);
  MAP_UINT(max_entries, 256);
  MAP_TYPE(key, struct task_name);
  MAP_TYPE(value, u32);
} guarded_names SEC(".maps");

struct signalling {
  u64 start;
  u64 since; /* ns since boot */
  u64 count;
};

struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 1024);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct signalling);
} signallings SEC(".maps");

#define SIGNALS_WITHIN (10 * SECOND)

/* Counts a signal of a sender; how many there were, where that is a number that is told. */
static __attribute__((noinline)) u64 count_signal(u32 pid, u64 start) {
  u64 now = bpf_ktime_get_boot_ns();
  struct signalling *known = bpf_map_lookup_elem(&signallings, &pid);
  if (!known || known->start != start || now - known->since > SIGNALS_WITHIN) {
    struct signalling first = {.start = start, .since = now, .count = 1};
    bpf_map_update_elem(&signallings, &pid, &first, BPF_ANY);
    return 0;
  }
  u64 count = __sync_fetch_and_add(&known->count, 1) + 1;
  return count == 10 || count == 100 || count == 1000 || count == 10000 ? count : 0;
}

#define SIGNAL_GUARDED 1
#define SIGNAL_OTHER_USER 2
#define SIGNAL_OWN 4 /* to Vedette itself */

/*
 * The last signal to each of Vedette's processes. What is in the rings dies with their reader; this map is kept by who started
 * it (end-notes.ts), and so tells who killed or halted it.
 */
struct end_note {
  u64 time; /* ns since boot */
  u64 start; /* of the sender, as time */
  u64 target_start;
  u32 pid;
  u32 uid;
  u32 signal;
  u32 parent_pid;
  struct task_name name;
  struct task_name parent_name;
};

struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 64);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct end_note);
} end_notes SEC(".maps");

static __attribute__((noinline)) int note_end(struct task_struct *task, u32 target_pid, u64 target_start, u32 signal) {
  struct task_struct *parent = READ(task, real_parent), *leader = READ(task, group_leader);
  struct cred *cred = READ(task, cred);
  struct end_note note = {
      .time = bpf_ktime_get_boot_ns(),
      .start = start_of(task),
      .target_start = target_start,
      .pid = READ(task, tgid),
      .uid = READ(cred, uid.val),
      .signal = signal,
      .parent_pid = READ(parent, tgid),
  };
  bpf_probe_read_kernel_str(note.name.text, 16, __builtin_preserve_access_index(&leader->comm));
  bpf_probe_read_kernel_str(note.parent_name.text, 16, __builtin_preserve_access_index(&parent->comm));
  bpf_map_update_elem(&end_notes, &target_pid, &note, BPF_ANY);
  return 0;
}

SEC("tp_btf/signal_generate")
int signal_sent(u64 *ctx) {
  if (!is_told(SIGNAL)) return 0;
  int signal = ctx[0];
  struct kernel_siginfo *info = (void *)ctx[1];
  struct task_struct *target = (void *)ctx[2];
  /* 1 stands for the kernel, 0 for a process that said nothing more. */
  if ((u64)info == 1 || signal == SIGCHLD || signal == SIGWINCH || signal == SIGCONT) return 0;
  s32 code = SI_USER;
  if (info) code = READ(info, si_code);
  if (code != SI_USER && code != SI_QUEUE && code != SI_TKILL) return 0;
  struct task_struct *task = bpf_get_current_task();
  u32 pid = READ(task, tgid), target_pid = READ(target, tgid);
  if (pid == target_pid) return 0;
  u64 start = start_of(task), target_start = start_of(target);
  u32 flags = 0;
  struct cred *cred = READ(task, cred), *target_cred = READ(target, cred);
  u32 uid = READ(cred, euid.val), target_uid = READ(target_cred, uid.val);
  if (uid != target_uid && READ(cred, uid.val) != target_uid) flags |= SIGNAL_OTHER_USER;
  struct task_name name = {};
  struct task_struct *leader = READ(target, group_leader);
  bpf_probe_read_kernel_str(name.text, sizeof(name.text), __builtin_preserve_access_index(&leader->comm));
  if (target_pid == 1 || bpf_map_lookup_elem(&guarded_names, &name)) flags |= SIGNAL_GUARDED;
  /* Those whose own doings are not told are Vedette itself. */
  if (is_ignored(target_pid, target_start)) flags |= SIGNAL_GUARDED | SIGNAL_OWN;
  u64 many = count_signal(pid, start);
  if (!flags && !many) return 0;
  if (is_ignored(pid, start)) return 0;
  if (flags & SIGNAL_OWN) note_end(task, target_pid, target_start, signal);
  if (!many && was_told(pid, start, SIGNAL << 26 | (signal & 63) << 20 | (target_pid & 0xfffff), SECOND)) return 0;
  struct scratch *scratch = begin_system(SIGNAL, task);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->target.pid = target_pid;
  record->target.start = target_start;
  record->values[0] = signal;
  record->values[1] = (s64)code;
  record->values[2] = flags;
  record->values[3] = many;
  record->values[4] = target_uid;
  add_kernel_text(scratch, 0, name.text);
  tell_system(scratch);
  return 0;
}
