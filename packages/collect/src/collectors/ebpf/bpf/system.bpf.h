/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a process asks of the kernel beyond programs, files and connections, at the end of its system call. */
#pragma once

#include "system-calls.bpf.h"
#include "system-records.bpf.h"
#include "credentials.bpf.h"
#include "memory.bpf.h"
#include "uring.bpf.h"

#define EPERM 1
#define ENOEXEC 8
#define EACCES 13
#define EBADMSG 74
#define ENOKEY 126
#define EKEYREJECTED 129

#define PTRACE_TRACEME 0
#define PTRACE_POKETEXT 4
#define PTRACE_POKEDATA 5
#define PTRACE_POKEUSR 6
#define PTRACE_SETREGS 13
#define PTRACE_SETFPREGS 15
#define PTRACE_ATTACH 16
#define PTRACE_SETREGSET 0x4205
#define PTRACE_SEIZE 0x4206

/* CLONE_NEW* of clone(2), the one of time included. */
#define NEW_NAMESPACES 0x7e020080ULL
#define PROC_MAGIC 0x9fa0
#define NSFS_MAGIC 0x6e736673

/* Whether a failure is an attempt that was refused, and not a mistake. */
INLINE int is_refused(s64 result) {
  return result == -EPERM || result == -EACCES || result == -ENOEXEC || result == -EBADMSG || result == -ENOKEY ||
         result == -EKEYREJECTED;
}

/* Name of the module that a thread loaded last. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 64);
  MAP_TYPE(key, u64);
  MAP_TYPE(value, struct module_name { char text[56]; });
} loaded_modules SEC(".maps");

SEC("tp_btf/module_load")
int module_loaded(u64 *ctx) {
  struct module *module = (void *)ctx[0];
  u64 thread = bpf_get_current_pid_tgid();
  struct module_name name = {};
  bpf_probe_read_kernel_str(name.text, sizeof(name.text), __builtin_preserve_access_index(&module->name));
  bpf_map_update_elem(&loaded_modules, &thread, &name, BPF_ANY);
  return 0;
}

/* A record with the call, how it ended and its first arguments. */
INLINE struct scratch *begin_call(u32 kind, struct task_struct *task, struct call *call) {
  struct scratch *scratch = begin_system(kind, task);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->call = call->how;
  record->result = call->result;
  for (int i = 0; i < VALUES; i++) record->values[i] = call->arguments[i];
  return scratch;
}

/* A call whose texts are arguments: a bit each. */
static __attribute__((noinline)) int tell_call(u32 kind, struct task_struct *task, struct call *call, u32 texts) {
  struct scratch *scratch = begin_call(kind, task, call);
  if (!scratch) return 0;
  u32 index = 0;
  if (texts & 1) add_text(scratch, index++, call->arguments[0]);
  if (texts & 2) add_text(scratch, index++, call->arguments[1]);
  if (texts & 4) add_text(scratch, index++, call->arguments[2]);
  if (texts & 8 && index < TEXTS) add_text(scratch, index++, call->arguments[3]);
  tell_system(scratch);
  return 0;
}

static __attribute__((noinline)) int on_ptrace(struct task_struct *task, struct call *call) {
  u64 request = call->arguments[0];
  u32 kind = WRITE_MEMORY;
  if (call->how == PROCESS_VM_READV) {
    kind = TRACE;
  } else if (call->how == PTRACE) {
    if (request == PTRACE_TRACEME || request == PTRACE_ATTACH || request == PTRACE_SEIZE)
      kind = TRACE;
    else if (
        request != PTRACE_POKETEXT && request != PTRACE_POKEDATA && request != PTRACE_POKEUSR &&
        request != PTRACE_SETREGS && request != PTRACE_SETFPREGS && request != PTRACE_SETREGSET)
      return 0;
  }
  if (!is_told(kind) || (call->result < 0 && !is_refused(call->result))) return 0;
  struct target target = {};
  u32 pid = READ(task, tgid);
  u32 number = call->how == PTRACE ? call->arguments[1] : call->arguments[0];
  if (call->how != PTRACE || request != PTRACE_TRACEME) {
    if (!find_target(&target, task, number)) target.pid = number;
    if (target.pid == pid) return 0;
    /* A debugger writes word by word. */
    u32 matter = (call->how & 63) << 26 | (kind == TRACE) << 25 | (call->result < 0) << 24 | (number & 0xffffff);
    if (was_told(pid, start_of(task), matter, SECOND)) return 0;
  }
  struct scratch *scratch = begin_call(kind, task, call);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->target = target;
  tell_system(scratch);
  return 0;
}

/* Another process's memory, opened to write in it. */
static __attribute__((noinline)) int on_open_mem(struct task_struct *task, struct file *file) {
  struct inode *inode = READ(file, f_inode);
  struct proc_inode *proc = (void *)inode - OFFSET(struct proc_inode, vfs_inode);
  struct task_struct *of = task_of(READ(proc, pid));
  struct target target = {};
  if (of) identify(&target, of);
  if (target.pid == (u32)READ(task, tgid)) return 0;
  struct scratch *scratch = begin_system(WRITE_MEMORY, task);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->call = OPEN_MEM;
  record->target = target;
  add_file(scratch, file);
  tell_system(scratch);
  return 0;
}

INLINE void look_for_mem(struct task_struct *task, struct file *file) {
  if (!is_told(WRITE_MEMORY)) return;
  struct dentry *dentry = QUICK(file, f_path.dentry);
  u32 name = 0;
  if (QUICK(dentry, d_name.len) != 3) return;
  bpf_probe_read_kernel(&name, sizeof(name), READ(dentry, d_name.name));
  if (name != 0x006d656d) return; /* "mem" */
  struct inode *inode = READ(file, f_inode);
  struct super_block *sb = READ(inode, i_sb);
  if (READ(sb, s_magic) == PROC_MAGIC) on_open_mem(task, file);
}

static __attribute__((noinline)) int on_credentials(struct task_struct *task, struct call *call) {
  u32 how = call->how;
  u32 kind = how == CAPSET ? SET_CAPABILITIES : how >= SETGID ? SET_GROUP : SET_USER;
  /* The two of file systems answer with what was before, or still is. */
  if (!is_told(kind) || (call->result < 0 && how != SETFSUID && how != SETFSGID)) return 0;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  struct credentials now;
  __builtin_memset(&now, 0, sizeof(now));
  now.pid = pid;
  now.start = start;
  read_credentials(&now, READ(task, cred));
  take_digests(&now);
  struct credentials *known = credentials_place(pid);
  if (!known) return 0;
  int is_known = known->pid == pid && known->start == start;
  struct credentials old = *known;
  u64 *before = (void *)&old.user, *after = (void *)&now.user;
  u32 first = kind == SET_USER ? 0 : kind == SET_GROUP ? 2 : 4;
  u64 last;
  if (kind == SET_USER)
    last = __sync_lock_test_and_set(&known->digests[0], now.digests[0]) ^ now.digests[0];
  else if (kind == SET_GROUP)
    last = __sync_lock_test_and_set(&known->digests[1], now.digests[1]) ^ now.digests[1];
  else
    last = __sync_lock_test_and_set(&known->digests[2], now.digests[2]) ^ now.digests[2];
  if (is_known && !last) return 0;
  /* Those who act for others on a file system go back and forth. */
  int is_file = how == SETFSUID || how == SETFSGID;
  if (is_file && was_told(pid, start, how << 24 | (after[first + 1] >> 32 & 0xffffff), 60 * SECOND)) {
    *known = now;
    return 0;
  }
  struct scratch *scratch = begin_system(kind, task);
  if (scratch) {
    struct system_record *record = (void *)scratch->bytes;
    record->call = how;
    record->flags = is_known ? SYSTEM_KNOWN : 0;
    if (first == 0) {
      record->values[0] = after[0], record->values[1] = after[1];
      record->values[2] = before[0], record->values[3] = before[1];
    } else if (first == 2) {
      record->values[0] = after[2], record->values[1] = after[3];
      record->values[2] = before[2], record->values[3] = before[3];
    } else {
      record->values[0] = after[4], record->values[1] = after[5];
      record->values[2] = before[4], record->values[3] = before[5];
    }
    tell_system(scratch);
  }
  *known = now;
  return 0;
}

static __attribute__((noinline)) int on_module(struct task_struct *task, struct call *call) {
  struct scratch *scratch = begin_call(LOAD_MODULE, task, call);
  if (!scratch) return 0;
  u64 thread = bpf_get_current_pid_tgid();
  struct module_name *name = bpf_map_lookup_elem(&loaded_modules, &thread);
  if (name && call->result >= 0) add_kernel_text(scratch, 0, name->text);
  if (call->how == INIT_MODULE) add_text(scratch, 1, call->arguments[2]);
  if (call->how == FINIT_MODULE) add_text(scratch, 1, call->arguments[1]);
  if (call->how == FINIT_MODULE || call->how == KEXEC_FILE_LOAD) add_file(scratch, file_of(task, call->arguments[0]));
  tell_system(scratch);
  bpf_map_delete_elem(&loaded_modules, &thread);
  return 0;
}

#define BPF_PROG_LOAD 5
#define BPF_OBJ_PIN 6
#define BPF_PROG_ATTACH 8
#define BPF_RAW_TRACEPOINT_OPEN 17
#define BPF_LINK_CREATE 28

static __attribute__((noinline)) int on_bpf(struct task_struct *task, struct call *call) {
  u64 command = call->arguments[0];
  if (command != BPF_PROG_LOAD && command != BPF_OBJ_PIN && command != BPF_PROG_ATTACH &&
      command != BPF_RAW_TRACEPOINT_OPEN && command != BPF_LINK_CREATE)
    return 0;
  if (call->result < 0 && !is_refused(call->result)) return 0;
  struct scratch *scratch = begin_call(BPF, task, call);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->values[1] = record->values[2] = 0;
  if (command == BPF_PROG_LOAD) {
    /* prog_type, insn_cnt and prog_name of union bpf_attr. */
    bpf_probe_read_user(&record->values[1], 4, (void *)call->arguments[1]);
    bpf_probe_read_user(&record->values[2], 4, (void *)call->arguments[1] + 4);
    if (call->arguments[2] >= 64) add_text(scratch, 0, call->arguments[1] + 48);
  }
  tell_system(scratch);
  return 0;
}

static __attribute__((noinline)) int on_perf(struct task_struct *task, struct call *call) {
  if (!is_told(PERF) || (call->result < 0 && !is_refused(call->result))) return 0;
  /* One for each processor. */
  if (was_told(READ(task, tgid), start_of(task), PERF << 24, SECOND)) return 0;
  struct scratch *scratch = begin_call(PERF, task, call);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  u32 number = call->arguments[1];
  if ((s32)number > 0) find_target(&record->target, task, number);
  /* type and config of struct perf_event_attr. */
  record->values[0] = record->values[3] = 0;
  bpf_probe_read_user(&record->values[0], 4, (void *)call->arguments[0]);
  bpf_probe_read_user(&record->values[3], 8, (void *)call->arguments[0] + 8);
  tell_system(scratch);
  return 0;
}

static __attribute__((noinline)) int on_setns(struct task_struct *task, struct call *call) {
  struct scratch *scratch = begin_call(ENTER_NAMESPACE, task, call);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  struct file *file = file_of(task, call->arguments[0]);
  if (file) {
    struct inode *inode = READ(file, f_inode);
    struct super_block *sb = READ(inode, i_sb);
    if (READ(sb, s_magic) == NSFS_MAGIC) {
      struct ns_common *ns = READ(inode, i_private);
      struct proc_ns_operations *ops = READ(ns, ops);
      record->values[2] = READ(ns, inum);
      add_kernel_text(scratch, 0, READ(ops, name));
    }
  }
  tell_system(scratch);
  return 0;
}

static __attribute__((noinline)) int on_new_namespace(struct task_struct *task, struct call *call) {
  u64 flags = call->arguments[0];
  /* Of the two that return, the one who called. */
  if (call->how != UNSHARE && call->result == 0) return 0;
  if (call->how == CLONE3) {
    flags = 0;
    bpf_probe_read_user(&flags, sizeof(flags), (void *)call->arguments[0]);
  }
  if (!(flags & NEW_NAMESPACES)) return 0;
  struct scratch *scratch = begin_call(CREATE_NAMESPACE, task, call);
  if (!scratch) return 0;
  struct system_record *record = (void *)scratch->bytes;
  record->values[0] = flags;
  if (call->how != UNSHARE && call->result > 0) find_target(&record->target, task, call->result);
  tell_system(scratch);
  return 0;
}

/* Calls for which it matters that they were refused have FAILED_TOO in the tables. */
static __attribute__((noinline)) int on_system(struct task_struct *task, struct call *call) {
  u32 pid;
  switch (call->how) {
  case PTRACE:
  case PROCESS_VM_READV:
  case PROCESS_VM_WRITEV:
    return on_ptrace(task, call);
  case SETUID:
  case SETREUID:
  case SETRESUID:
  case SETFSUID:
  case SETGID:
  case SETREGID:
  case SETRESGID:
  case SETFSGID:
  case CAPSET:
    return on_credentials(task, call);
  case BPF_CALL:
    return on_bpf(task, call);
  case PERF_EVENT_OPEN:
    return on_perf(task, call);
  case INIT_MODULE:
  case FINIT_MODULE:
  case KEXEC_LOAD:
  case KEXEC_FILE_LOAD:
    return on_module(task, call);
  case DELETE_MODULE:
    return tell_call(UNLOAD_MODULE, task, call, 1);
  }
  if (call->result < 0 && !is_refused(call->result)) return 0;
  switch (call->how) {
  case SETNS:
    return on_setns(task, call);
  case UNSHARE:
  case CLONE:
  case CLONE3:
    return on_new_namespace(task, call);
  case ADD_KEY:
  case REQUEST_KEY:
    return tell_call(KEYRING, task, call, 3);
  case KEYCTL:
    pid = READ(task, tgid);
    if (was_told(pid, start_of(task), KEYRING << 24 | (call->arguments[0] & 0xffff), SECOND)) return 0;
    return tell_call(KEYRING, task, call, 0);
  case MEMFD_CREATE:
    return tell_call(CREATE_MEMORY_FILE, task, call, 1);
  case MEMFD_SECRET:
    return tell_call(CREATE_MEMORY_FILE, task, call, 0);
  case USERFAULTFD:
    return tell_call(USERFAULT, task, call, 0);
  case MOUNT_CALL:
    return tell_call(MOUNT, task, call, 7);
  case FSOPEN:
    return tell_call(MOUNT, task, call, 1);
  case FSMOUNT:
    return tell_call(MOUNT, task, call, 0);
  case OPEN_TREE:
    /* Without OPEN_TREE_CLONE it only names a place. */
    return call->arguments[2] & 1 ? tell_call(MOUNT, task, call, 2) : 0;
  case MOUNT_SETATTR:
    return tell_call(MOUNT, task, call, 2);
  case MOVE_MOUNT:
    return tell_call(MOUNT, task, call, 2 | 8);
  case UMOUNT:
    return tell_call(UNMOUNT, task, call, 1);
  case PIVOT_ROOT:
    return tell_call(CHANGE_ROOT, task, call, 3);
  case CHROOT:
    return tell_call(CHANGE_ROOT, task, call, 1);
  case IO_URING_SETUP: {
    if (was_told(READ(task, tgid), start_of(task), IO_URING << 24, EVER)) return 0;
    struct scratch *scratch = begin_call(IO_URING, task, call);
    if (!scratch) return 0;
    struct system_record *record = (void *)scratch->bytes;
    record->values[1] = 0;
    /* flags of struct io_uring_params. */
    bpf_probe_read_user(&record->values[1], 4, (void *)call->arguments[1] + 8);
    tell_system(scratch);
    return 0;
  }
  }
  return 0;
}
