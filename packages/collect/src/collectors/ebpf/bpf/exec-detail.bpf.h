/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What else there is to say of a program that starts: its environment, terminal, capabilities, namespaces and script. */
#pragma once

#include "paths.bpf.h"

/* Of process 1: mnt, pid, uts, ipc, net, cgroup, user, time. Only what differs is told. */
#define NAMESPACES 8
u32 home_namespaces[NAMESPACES];

/* What root is given here: the most that process 1 leaves to its descendants. */
u64 home_capabilities;

#define EXEC_ENVIRONMENT_CUT 4
#define EXEC_CAPABILITIES 8 /* not those that root has, or that others have not */

struct exec_detail {
  u64 cap_permitted;
  u64 cap_effective;
  u32 namespaces[NAMESPACES]; /* 0 where it is that of process 1 */
  u32 script_length;
  u32 environment_length;
  char tty[16];
};

#define ENVIRONMENT_MAX 4096
#define ENVIRONMENT_TOLD 2048
#define ENVIRONMENT_STEP 32
#define VARIABLE_MAX 32
#define VALUE_MAX 256
#define SCRIPT_MAX 512

#define ONES 0x0101010101010101ULL
#define HIGHS 0x8080808080808080ULL
/* First eight bytes of the variables whose values are told. */
#define LD_PRELOAD 0x4f4c4552505f444cULL
#define LD_LIBRARY 0x415242494c5f444cULL
#define LD_AUDIT 0x54494455415f444cULL
#define GCONV_PATH 0x41505f564e4f4347ULL
#define BASH_ENV 0x564e455f48534142ULL
#define HISTFILE 0x454c494654534948ULL

struct environment {
  struct scratch *to;
  struct scratch *from;
  u64 length;
  u64 limit;
  u64 at;
};

/* Adds the variable that begins there: its name and, of a few, its value. */
static __attribute__((noinline)) int add_variable(struct environment *environment) {
  struct scratch *to = environment->to, *from = environment->from;
  u64 at = to->at, place = environment->at;
  if (place >= environment->length || place >= ENVIRONMENT_MAX || at > environment->limit || at > SCRATCH - VALUE_MAX)
    return 0;
  u64 start = *(u64 *)&from->bytes[place];
  u32 size = VARIABLE_MAX;
  if (start == LD_PRELOAD || start == LD_LIBRARY || start == LD_AUDIT || start == GCONV_PATH || start == BASH_ENV ||
      start == HISTFILE)
    size = VALUE_MAX;
  long length = bpf_probe_read_kernel_str(&to->bytes[at], size, &from->bytes[place]);
  if (length > 1) to->at = at + length;
  return 0;
}

/* Looks through 32 bytes for ends of variables: after each begins another. */
static long look_for_variables(u64 index, struct environment *environment) {
  u64 at = index * ENVIRONMENT_STEP;
  if (at >= environment->length || at > ENVIRONMENT_MAX - ENVIRONMENT_STEP) return 1;
  struct scratch *from = environment->from;
  for (u32 i = 0; i < ENVIRONMENT_STEP / 8; i++) {
    u64 word = *(u64 *)&from->bytes[at + i * 8];
    /* The highest bit of each byte that is 0, and perhaps of a 1 behind one. */
    u64 ends = (word - ONES) & ~word & HIGHS;
    /* A variable has two bytes and its end, at least. */
    for (u32 j = 0; j < 3; j++) {
      if (!ends) break;
      /* Below the lowest of the bits each byte that is whole counts one. */
      u64 byte = ((((ends & -ends) - 1) & ONES) * ONES >> 56) - 1;
      environment->at = at + i * 8 + (byte & 7) + 1;
      add_variable(environment);
      ends &= ends - 1;
    }
  }
  return 0;
}

static __attribute__((noinline)) u32 read_environment(struct scratch *to, u64 start, u64 length) {
  u64 before = to->at;
  u32 slot = 1;
  struct scratch *from = bpf_map_lookup_elem(&scratches, &slot);
  if (!from || length == 0) return 0;
  if (length > ENVIRONMENT_MAX) length = ENVIRONMENT_MAX;
  if (bpf_probe_read_user(from->bytes, length, (void *)start)) return 0;
  struct environment environment = {to, from, length, before + ENVIRONMENT_TOLD, 0};
  add_variable(&environment);
  if (HAS_HELPER(loop)) bpf_loop(ENVIRONMENT_MAX / ENVIRONMENT_STEP, look_for_variables, &environment, 0);
  return to->at - before;
}

INLINE void tell_namespace(struct exec_detail *detail, u32 index, u32 inum) {
  detail->namespaces[index] = inum == home_namespaces[index] ? 0 : inum;
}

/* Adds all that, behind the rest of the record. What a tracepoint hands over is read directly, as in processes.bpf.h. */
INLINE u32
add_exec_detail(struct scratch *scratch, struct exec_detail *detail, struct task_struct *task, void *program, u32 pid_ns) {
  struct linux_binprm *bprm = program;
  struct cred *cred = task->cred;
  bpf_probe_read_kernel(&detail->cap_permitted, 8, __builtin_preserve_access_index(&cred->cap_permitted));
  bpf_probe_read_kernel(&detail->cap_effective, 8, __builtin_preserve_access_index(&cred->cap_effective));

  struct nsproxy *nsproxy = task->nsproxy;
  tell_namespace(detail, 0, nsproxy->mnt_ns->ns.inum);
  tell_namespace(detail, 1, pid_ns);
  tell_namespace(detail, 2, nsproxy->uts_ns->ns.inum);
  tell_namespace(detail, 3, nsproxy->ipc_ns->ns.inum);
  tell_namespace(detail, 4, nsproxy->net_ns->ns.inum);
  tell_namespace(detail, 5, nsproxy->cgroup_ns->ns.inum);
  tell_namespace(detail, 6, cred->user_ns->ns.inum);
  if (HAS(struct nsproxy___time, time_ns)) {
    struct time_namespace *time_ns = READ((struct nsproxy___time *)nsproxy, time_ns);
    tell_namespace(detail, 7, READ(time_ns, ns.inum));
  }
  struct tty_struct *tty = task->signal->tty;
  if (tty) bpf_probe_read_kernel_str(detail->tty, sizeof(detail->tty), __builtin_preserve_access_index(&tty->name));

  u64 at = scratch->at;
  if (bprm->interp != bprm->filename && at <= SCRATCH - SCRIPT_MAX) {
    /* The kernel found an interpreter in the file that was to be started. */
    long length = bpf_probe_read_kernel_str(&scratch->bytes[at], SCRIPT_MAX, bprm->filename);
    if (length > 1) {
      detail->script_length = length - 1;
      scratch->at = at + length - 1;
    }
  }
  struct mm_struct *mm = task->mm;
  u64 length = mm->env_end - mm->env_start;
  detail->environment_length = read_environment(scratch, mm->env_start, length);
  u64 expected = cred->euid.val == 0 ? home_capabilities : 0;
  return (length > ENVIRONMENT_MAX ? EXEC_ENVIRONMENT_CUT : 0) |
         (detail->cap_effective != expected ? EXEC_CAPABILITIES : 0);
}
