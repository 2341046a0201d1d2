/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Programs that start, processes that fork and end. */
#pragma once

#include "paths.bpf.h"
#include "credentials.bpf.h"
#include "datagrams.bpf.h"
#include "exec-detail.bpf.h"
#include "system.bpf.h"
#include "streams.bpf.h"

#define ARGV_CHUNK 4096
#define ARGV_CHUNKS 4

/* Processes with threads that ended at the same moment, so that the end is told once. Keyed by their signal_struct. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 1024);
  MAP_TYPE(key, u64);
  MAP_TYPE(value, u64);
} ended SEC(".maps");

/* Adds a command line and returns its length. `left` becomes what could not be read. */
static __attribute__((noinline)) u32 read_arguments(struct scratch *to, u64 from, u64 *left) {
  u64 start = to->at;
  for (int chunk = 0; chunk < ARGV_CHUNKS; chunk++) {
    u64 size = *left, at = to->at;
    if (size == 0) break;
    if (size > ARGV_CHUNK) size = ARGV_CHUNK;
    if (at > SCRATCH - ARGV_CHUNK) break;
    if (bpf_probe_read_user(&to->bytes[at], size, (void *)from)) break;
    from += size;
    *left -= size;
    to->at = at + size;
  }
  return to->at - start;
}

#define EXEC_ARGV_CUT 1
#define EXEC_INTERNAL_MOUNT 2

struct exec_record {
  struct header header;
  u64 parent_start;
  u32 parent_pid;
  u32 flags;
  u32 uid;
  u32 gid;
  u32 euid;
  u32 login_uid;
  u32 session_id;
  u32 pid_ns;
  u32 mnt_ns;
  u32 dev;
  u64 ino;
  u64 cgroup_id;
  u32 nlink;
  u32 exe_length;
  u32 cwd_length;
  u32 cgroup_length;
  u32 argv_length;
  u32 exe_changed_ns;
  u64 exe_changed_s;
  u64 exe_size;
  char comm[16];
  struct stream streams[3];
  struct exec_detail detail;
};

/*
 * Here objects are read directly and not by READ(): of what a tracepoint hands over, and of all that is reached from there,
 * the verifier knows the type, and each read without the helper takes a sixtieth of the time.
 */
INLINE u64 known_start(struct task_struct *task) {
  return task->group_leader->start_boottime;
}

/* Set by the first program of 32 bits that starts on a machine of 64. */
u32 seen_32_bit;

#define ELFCLASS32 1
#define EM_386 3

INLINE void look_for_32_bit(struct linux_binprm *bprm) {
  u8 elf[20] = {};
  bpf_probe_read_kernel(elf, sizeof(elf), __builtin_preserve_access_index(&bprm->buf));
  if (elf[4] == ELFCLASS32 && elf[18] == EM_386) seen_32_bit = 1;
}

/* With the size it names one state of a file: who hashed that file once need not look at it again. */
INLINE void read_change(struct exec_record *record, struct inode *inode) {
  if (HAS(struct inode___times, i_ctime_sec)) {
    record->exe_changed_s = READ((struct inode___times *)inode, i_ctime_sec);
    record->exe_changed_ns = READ((struct inode___times *)inode, i_ctime_nsec) & 0x7fffffff;
  } else if (HAS(struct inode___hidden, __i_ctime)) {
    record->exe_changed_s = READ((struct inode___hidden *)inode, __i_ctime.tv_sec);
    record->exe_changed_ns = READ((struct inode___hidden *)inode, __i_ctime.tv_nsec);
  } else if (HAS(struct inode___plain, i_ctime)) {
    record->exe_changed_s = READ((struct inode___plain *)inode, i_ctime.tv_sec);
    record->exe_changed_ns = READ((struct inode___plain *)inode, i_ctime.tv_nsec);
  }
  record->exe_size = inode->i_size;
}

SEC("tp_btf/sched_process_exec")
int process_exec(u64 *ctx) {
  if (!seen_32_bit) look_for_32_bit((void *)ctx[2]);
  if (!is_told(EXEC)) return 0;
  struct task_struct *task = (void *)ctx[0];
  count(emitted, EXEC);
  u32 slot = 0;
  struct scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);
  if (!scratch) {
    count(lost, EXEC);
    return 0;
  }
  struct exec_record *record = (void *)scratch->bytes;
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, EXEC, task->tgid, known_start(task));
  remember_credentials(task, record->header.pid, record->header.start);

  struct task_struct *parent = task->real_parent;
  record->parent_pid = parent->tgid;
  record->parent_start = known_start(parent);

  struct cred *cred = task->cred;
  record->uid = cred->uid.val;
  record->gid = cred->gid.val;
  record->euid = cred->euid.val;
  record->login_uid = record->session_id = -1;
  if (HAS(struct task_struct___audit, loginuid)) {
    record->login_uid = READ((struct task_struct___audit *)task, loginuid.val);
    record->session_id = READ((struct task_struct___audit *)task, sessionid);
  }

  struct nsproxy *nsproxy = task->nsproxy;
  struct mnt_namespace *mnt_ns = nsproxy->mnt_ns;
  record->mnt_ns = mnt_ns->ns.inum;
  struct pid_namespace *pid_ns = pid_namespace_of(task);
  record->pid_ns = READ(pid_ns, ns.inum);
  record->cgroup_id = bpf_get_current_cgroup_id();
  bpf_probe_read_kernel(record->comm, sizeof(record->comm), __builtin_preserve_access_index(&task->comm));

  struct fdtable *table = task->files->fdt;
  if (table->max_fds >= 3) {
    struct file *files[3] = {};
    bpf_probe_read_kernel(files, sizeof(files), table->fd);
    read_stream(&record->streams[0], files[0]);
    read_stream(&record->streams[1], files[1]);
    read_stream(&record->streams[2], files[2]);
  }

  scratch->at = sizeof(*record);
  struct mm_struct *mm = task->mm;
  struct file *exe = mm->exe_file;
  if (exe) {
    struct inode *inode = exe->f_inode;
    struct super_block *sb = inode->i_sb;
    struct vfsmount *mnt = READ(exe, f_path.mnt);
    record->ino = inode->i_ino;
    record->nlink = inode->i_nlink;
    record->dev = sb->s_dev;
    read_change(record, inode);
    if (READ(mnt, mnt_flags) & 0x4000 /* MNT_INTERNAL */) record->flags |= EXEC_INTERNAL_MOUNT;
    record->exe_length = walk(scratch, READ(exe, f_path.dentry), mnt);
  }
  struct fs_struct *fs = task->fs;
  record->cwd_length = walk(scratch, READ(fs, pwd.dentry), READ(fs, pwd.mnt));
  record->cgroup_length = walk_cgroup(scratch, task);
  u64 from = mm->arg_start;
  u64 left = mm->arg_end - from;
  record->argv_length = read_arguments(scratch, from, &left);
  if (left > 0) record->flags |= EXEC_ARGV_CUT;
  record->flags |= add_exec_detail(scratch, &record->detail, task, (void *)ctx[2], record->pid_ns);

  if (send(&process_ring, scratch, wake())) count(lost, EXEC);
  return 0;
}

struct fork_record {
  struct header header;
  u64 parent_start;
  u32 parent_pid;
  u32 flags; /* of clone(2), the lower 32 bits; those above are asked for by clone3(2) alone */
};

/*
 * New tasks of the whole machine, threads among them. The kernel counts the same in /proc/stat, so that these programs are
 * seen to have stopped when that goes on and this does not.
 */
u64 new_tasks;

/* It knows the flags, which sched_process_fork does not, and runs as often. */
SEC("tp_btf/task_newtask")
int process_fork(u64 *ctx) {
  struct task_struct *parent = bpf_get_current_task(), *child = (void *)ctx[0];
  int pid = child->tgid;
  __sync_fetch_and_add(&new_tasks, 1);
  if (pid != child->pid || pid == 0) return 0; /* a thread, or what an idle processor runs */
  remember_credentials(child, pid, child->start_boottime);
  if (!is_told(FORK) || !admit_vital(FORK)) return 0;
  struct fork_record *record = bpf_ringbuf_reserve(&process_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, FORK);
    return 0;
  }
  head(&record->header, FORK, pid, child->start_boottime);
  record->parent_start = start_of(parent);
  record->parent_pid = READ(parent, tgid);
  record->flags = ctx[1];
  bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
  return 0;
}

struct exit_record {
  struct header header;
  u32 status; /* as wait(2) gives it */
  u32 pad;
};

#define SIGNAL_GROUP_EXIT 4

SEC("tp_btf/sched_process_exit")
int process_exit(u64 *ctx) {
  struct task_struct *task = (void *)ctx[0];
  struct signal_struct *signal = task->signal;
  if (signal->live.counter != 0) return 0;
  u64 start = known_start(task);
  if (signal->nr_threads > 1) {
    /* Two threads may both have been the last when they looked. A later process at this address has another start. */
    u64 key = (u64)READ(task, signal) ^ (start << 1);
    if (bpf_map_update_elem(&ended, &key, &start, BPF_NOEXIST)) return 0;
  }
  if (uring_used) end_uring(task);
  if (has_senders) end_sendings(task->tgid, start);
  if (!is_told(EXIT) || !admit_vital(EXIT)) return 0;
  struct exit_record *record = bpf_ringbuf_reserve(&process_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, EXIT);
    return 0;
  }
  head(&record->header, EXIT, task->tgid, start);
  struct task_struct *leader = task->group_leader;
  record->status =
      signal->flags & SIGNAL_GROUP_EXIT ? signal->group_exit_code : leader->exit_code;
  record->pad = 0;
  bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
  return 0;
}
