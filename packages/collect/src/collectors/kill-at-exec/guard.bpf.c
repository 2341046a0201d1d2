/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Ends programs before their first instruction. An object of its own, so that where nothing is to be prevented nothing of it
 * is in the kernel. guard.bpf.o is this file compiled (scripts/build-bpf.ts); decisions.ts knows its record byte for byte.
 */
#include "../ebpf/bpf/kernel.bpf.h"

static long (*bpf_send_signal)(u32 signal) = (void *)109;

/* A file as the kernel itself calls it: not its path, so neither link nor namespace leads around it. */
struct program_key {
  u64 ino;
  u32 dev;
  u32 pad;
};

#define STOPPED 1
#define NEVER 2 /* whatever else is said of it */
#define TRUSTED 4 /* may start files that only memory holds */

struct {
  MAP_UINT(type, BPF_MAP_TYPE_HASH);
  MAP_UINT(max_entries, 4096);
  MAP_TYPE(key, struct program_key);
  MAP_TYPE(value, u32);
} programs SEC(".maps");

struct {
  MAP_UINT(type, BPF_MAP_TYPE_RINGBUF);
  MAP_UINT(max_entries, 1 << 18);
} decisions SEC(".maps");

#define OFF 0
#define OBSERVE 1
#define ENFORCE 2

/* Set while the program runs. */
u32 mode;
/* Whether files that only memory holds, and such as have no name any more, are stopped too. */
u32 nameless;

u64 emitted;
u64 lost;

enum { OF_PROGRAM = 1, OF_MEMORY, OF_DELETED };
enum { WOULD_KILL = 1, KILLED, FAILED };

struct decision {
  u64 time; /* ns since boot, the time asleep counted */
  u64 start; /* as time */
  u64 ino;
  u32 dev;
  u32 pid;
  u8 reason;
  u8 verdict;
  u16 pad;
  char name[68];
};

INLINE u32 flags_of(struct file *file) {
  struct inode *inode = file->f_inode;
  struct super_block *sb = inode->i_sb;
  struct program_key key = {.ino = inode->i_ino, .dev = sb->s_dev};
  u32 *flags = bpf_map_lookup_elem(&programs, &key);
  return flags ? *flags : 0;
}

INLINE u32 nameless_reason(struct file *exe, struct task_struct *task) {
  struct inode *inode = exe->f_inode;
  struct vfsmount *mnt = READ(exe, f_path.mnt);
  u32 reason = READ(mnt, mnt_flags) & 0x4000 /* MNT_INTERNAL */ ? OF_MEMORY : inode->i_nlink == 0 ? OF_DELETED : 0;
  if (!reason) return 0;
  struct mm_struct *mm = task->real_parent->mm;
  struct file *starter = mm ? mm->exe_file : 0;
  return starter && flags_of(starter) & TRUSTED ? 0 : reason;
}

SEC("tp_btf/sched_process_exec")
int guard_exec(u64 *ctx) {
  if (mode == OFF) return 0;
  struct task_struct *task = (void *)ctx[0];
  struct mm_struct *mm = task->mm;
  struct file *exe = mm->exe_file;
  if (!exe || task->tgid == 1) return 0;
  u32 flags = flags_of(exe);
  if (flags & NEVER) return 0;
  u32 reason = flags & STOPPED ? OF_PROGRAM : nameless ? nameless_reason(exe, task) : 0;
  if (!reason) return 0;
  u32 verdict = mode == ENFORCE ? (bpf_send_signal(9) ? FAILED : KILLED) : WOULD_KILL;

  __sync_fetch_and_add(&emitted, 1);
  struct decision *decision = bpf_ringbuf_reserve(&decisions, sizeof(*decision), 0);
  if (!decision) {
    __sync_fetch_and_add(&lost, 1);
    return 0;
  }
  struct inode *inode = exe->f_inode;
  struct super_block *sb = inode->i_sb;
  __builtin_memset(decision, 0, sizeof(*decision));
  decision->time = bpf_ktime_get_boot_ns();
  decision->start = task->group_leader->start_boottime;
  decision->ino = inode->i_ino;
  decision->dev = sb->s_dev;
  decision->pid = task->tgid;
  decision->reason = reason;
  decision->verdict = verdict;
  struct dentry *dentry = READ(exe, f_path.dentry);
  bpf_probe_read_kernel_str(decision->name, sizeof(decision->name), READ(dentry, d_name.name));
  bpf_ringbuf_submit(decision, BPF_RB_NO_WAKEUP);
  return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
