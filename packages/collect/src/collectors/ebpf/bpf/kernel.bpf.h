/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What sensor.bpf.c needs to know of the kernel: the helpers that it calls (numbers of enum bpf_func_id in
 * include/uapi/linux/bpf.h) and, of the kernel's types, only the fields that it reads. The attribute makes each access
 * a CO-RE relocation: the loader puts in the offset that the running kernel's BTF gives. A suffix such as ___old names
 * another shape of the same type; which of them the kernel has is asked with HAS().
 */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))

#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_PERF_EVENT_ARRAY 4
#define BPF_MAP_TYPE_PERCPU_ARRAY 6
#define BPF_MAP_TYPE_LRU_HASH 9
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_ANY 0
#define BPF_NOEXIST 1
#define BPF_RB_NO_WAKEUP 1
#define BPF_RB_FORCE_WAKEUP 2
#define BPF_RB_AVAIL_DATA 0

#define MAP_UINT(name, value) int(*name)[value]
#define MAP_TYPE(name, type) type *name

static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*bpf_map_update_elem)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static u64 (*bpf_get_current_pid_tgid)(void) = (void *)14;
static void *(*bpf_get_current_task)(void) = (void *)35;
static u64 (*bpf_get_current_cgroup_id)(void) = (void *)80;
static long (*bpf_probe_read_user)(void *to, u32 size, const void *from) = (void *)112;
static long (*bpf_probe_read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*bpf_probe_read_user_str)(void *to, u32 size, const void *from) = (void *)114;
static long (*bpf_probe_read_kernel_str)(void *to, u32 size, const void *from) = (void *)115;
static void *(*bpf_get_current_task_btf)(void) = (void *)158;
static void *(*bpf_task_pt_regs)(void *task) = (void *)175;
static long (*bpf_find_vma)(void *task, u64 address, void *callback, void *context, u64 flags) = (void *)180;
static long (*bpf_for_each_map_elem)(void *map, void *callback, void *context, u64 flags) = (void *)164;
static long (*bpf_loop)(u32 turns, void *callback, void *context, u64 flags) = (void *)181;
static u64 (*bpf_ktime_get_boot_ns)(void) = (void *)125;
static long (*bpf_ringbuf_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;
static void *(*bpf_ringbuf_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*bpf_ringbuf_submit)(void *data, u64 flags) = (void *)132;
static u64 (*bpf_ringbuf_query)(void *ring, u64 flags) = (void *)134;

/* The value of a field of a kernel object. The helper leaves zeroes where it cannot be read. */
#define READ(pointer, field)                                                                                     \
  ({                                                                                                             \
    __typeof__((pointer)->field) value_;                                                                         \
    bpf_probe_read_kernel(&value_, sizeof(value_), __builtin_preserve_access_index(&(pointer)->field));          \
    value_;                                                                                                      \
  })
/*
 * The same for what is on the way of every open: where the kernel lets a program say of which type an object is, it is read
 * without the helper, in a fraction of the time. Not everywhere, since it takes the kernel longer to verify.
 */
extern void *bpf_rdonly_cast(const void *object, u32 type) __attribute__((weak, section(".ksyms")));
#define QUICK(pointer, field)                                                                                    \
  ({                                                                                                             \
    __typeof__((pointer)->field) quick_;                                                                         \
    if (HAS_HELPER(cgrp_storage_get))                                                                            \
      quick_ =                                                                                                   \
          ((__typeof__(pointer))bpf_rdonly_cast(pointer, __builtin_btf_type_id(*(pointer), 1)))->field;          \
    else                                                                                                         \
      quick_ = READ(pointer, field);                                                                             \
    quick_;                                                                                                      \
  })
/* Whether the running kernel's type has the field. Known at load, so the other branch need not verify. */
#define HAS(type, field) __builtin_preserve_field_info(((type *)0)->field, 2)
/* Whether the running kernel has a helper of Linux 5.11, 5.15, 5.17 or 6.2; on one that has not the branch is thrown away. */
enum bpf_func_id {
  BPF_FUNC_get_current_task_btf = 158,
  BPF_FUNC_task_pt_regs = 175,
  BPF_FUNC_find_vma = 180,
  BPF_FUNC_loop = 181,
  BPF_FUNC_cgrp_storage_get = 210 /* as old as bpf_rdonly_cast */
};
#define HAS_HELPER(name) __builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_##name, 0)
#define OFFSET(type, field) __builtin_preserve_field_info(((type *)0)->field, 0)

/*
 * Several fields of one object by one call of the helper: NEAR() reads 32 bytes from the first of them on, IN() takes a
 * field from there, or reads it by itself where the running kernel has it elsewhere.
 */
#define NEAR_BYTES 32
#define NEAR(name, pointer, first)                                                                               \
  u64 name[NEAR_BYTES / 8];                                                                                      \
  bpf_probe_read_kernel(name, NEAR_BYTES, __builtin_preserve_access_index(&(pointer)->first))
#define IN(name, pointer, first, field)                                                                          \
  ({                                                                                                             \
    u64 at_ = __builtin_preserve_field_info((pointer)->field, 0) -                                               \
              __builtin_preserve_field_info((pointer)->first, 0);                                                \
    __typeof__((pointer)->field) found_;                                                                         \
    if (at_ <= NEAR_BYTES - sizeof(found_))                                                                      \
      found_ = *(__typeof__((pointer)->field) *)((void *)name + at_);                                            \
    else                                                                                                         \
      found_ = READ(pointer, field);                                                                             \
    found_;                                                                                                      \
  })

/* Not one of the kernel's own, whose field has had several names. */
typedef struct {
  u64 bits;
} capabilities_t;

#define KERNEL_TYPES_BEGIN _Pragma("clang attribute push(__attribute__((preserve_access_index)), apply_to = record)")
#define KERNEL_TYPES_END _Pragma("clang attribute pop")

KERNEL_TYPES_BEGIN

typedef struct {
  u32 val;
} kid_t;

struct qstr {
  u32 len;
  const unsigned char *name;
};

struct super_block {
  u32 s_dev;
  unsigned long s_magic;
};

struct inode {
  u16 i_mode;
  u32 i_nlink;
  u32 i_rdev;
  unsigned long i_ino;
  long long i_size;
  struct super_block *i_sb;
  void *i_private;
};

/* Since Linux 6.11; the highest bit of the nanoseconds says that somebody asked (6.13). */
struct inode___times {
  long long i_ctime_sec;
  u32 i_ctime_nsec;
};

struct timespec64 {
  long long tv_sec;
  long tv_nsec;
};

/* Since Linux 6.6. */
struct inode___hidden {
  struct timespec64 __i_ctime;
};

struct inode___plain {
  struct timespec64 i_ctime;
};

struct dentry {
  struct dentry *d_parent;
  struct qstr d_name;
  struct inode *d_inode;
};

struct vfsmount {
  struct dentry *mnt_root;
  int mnt_flags;
};

struct mount {
  struct mount *mnt_parent;
  struct dentry *mnt_mountpoint;
  struct vfsmount mnt;
};

struct path {
  struct vfsmount *mnt;
  struct dentry *dentry;
};

struct file {
  u32 f_mode;
  u32 f_flags;
  struct path f_path;
  struct inode *f_inode;
  void *private_data;
};

struct fdtable {
  u32 max_fds;
  struct file **fd;
};

struct files_struct {
  struct fdtable *fdt;
};

struct fs_struct {
  struct path root;
  struct path pwd;
};

struct mm_struct {
  struct file *exe_file;
  unsigned long arg_start;
  unsigned long arg_end;
  unsigned long env_start;
  unsigned long env_end;
  unsigned long start_brk;
  unsigned long brk;
  unsigned long start_stack;
};

struct proc_ns_operations {
  const char *name;
};

struct ns_common {
  u32 inum;
  struct proc_ns_operations *ops;
};

struct mnt_namespace {
  struct ns_common ns;
};

struct xarray {
  void *xa_head;
};

struct xa_node {
  u8 shift;
  void *slots[64];
};

struct idr {
  struct xarray idr_rt;
};

struct pid_namespace {
  struct ns_common ns;
  struct idr idr;
};

struct uts_namespace {
  struct ns_common ns;
};

struct ipc_namespace {
  struct ns_common ns;
};

struct net {
  struct ns_common ns;
};

struct cgroup_namespace {
  struct ns_common ns;
};

struct time_namespace {
  struct ns_common ns;
};

struct user_namespace {
  struct ns_common ns;
};

struct nsproxy {
  struct mnt_namespace *mnt_ns;
  struct uts_namespace *uts_ns;
  struct ipc_namespace *ipc_ns;
  struct net *net_ns;
  struct cgroup_namespace *cgroup_ns;
};

struct nsproxy___time {
  struct time_namespace *time_ns;
};

struct tty_struct {
  char name[64];
};

struct linux_binprm {
  const char *filename;
  const char *interp;
  char buf[256];
};

struct upid {
  int nr;
  struct pid_namespace *ns;
};

struct hlist_node {
  struct hlist_node *next;
};

struct hlist_head {
  struct hlist_node *first;
};

struct pid {
  u32 level;
  struct hlist_head tasks[1];
  struct upid numbers[1];
};

struct cred {
  kid_t uid;
  kid_t gid;
  kid_t suid;
  kid_t sgid;
  kid_t euid;
  kid_t egid;
  kid_t fsuid;
  kid_t fsgid;
  capabilities_t cap_permitted;
  capabilities_t cap_effective;
  struct user_namespace *user_ns;
};

struct kernfs_node {
  u32 flags;
};

struct kernfs_node___parent {
  struct kernfs_node *__parent;
  const char *name;
};

struct kernfs_node___old {
  struct kernfs_node *parent;
  const char *name;
};

struct cgroup {
  struct kernfs_node *kn;
};

struct css_set {
  struct cgroup *dfl_cgrp;
};

typedef struct {
  int counter;
} count_t;

struct signal_struct {
  struct tty_struct *tty;
  count_t live;
  int nr_threads;
  int group_exit_code;
  u32 flags;
};

struct thread_info {
  u32 status;
};

struct task_struct {
  struct thread_info thread_info;
  int pid;
  int tgid;
  u32 flags;
  int exit_code;
  u64 start_boottime;
  u32 self_exec_id;
  struct task_struct *real_parent;
  struct task_struct *group_leader;
  struct pid *thread_pid;
  struct hlist_node pid_links[1];
  struct mm_struct *mm;
  struct fs_struct *fs;
  struct files_struct *files;
  struct nsproxy *nsproxy;
  struct signal_struct *signal;
  struct cred *cred;
  struct css_set *cgroups;
  char comm[16];
};

struct task_struct___audit {
  kid_t loginuid;
  u32 sessionid;
};

struct vm_area_struct {
  unsigned long vm_start;
  struct file *vm_file;
  void *anon_vma;
};

struct proc_inode {
  struct pid *pid;
  struct inode vfs_inode;
};

struct kernel_siginfo {
  int si_code;
};

struct module {
  char name[56];
};

struct io_kiocb {
  u8 opcode;
};

struct filename {
  const char *name;
};

/* What a request of io_uring holds for an open, and for a connect. */
struct io_open {
  struct filename *filename;
};

struct io_connect {
  void *addr;
};

struct in6_addr {
  u8 in6_u[16];
};

struct sock_common {
  u32 skc_daddr;
  u32 skc_rcv_saddr;
  u16 skc_dport;
  u16 skc_num;
  u16 skc_family;
  u8 skc_state;
  unsigned long skc_flags;
  struct in6_addr skc_v6_daddr;
  struct in6_addr skc_v6_rcv_saddr;
};

struct sock {
  struct sock_common __sk_common;
  u16 sk_protocol;
  int sk_err;
};

struct inet_sock {
  u16 inet_sport;
};

struct tcp_sock {
  u64 bytes_received;
  u64 bytes_sent;
  u64 bytes_retrans;
};

struct socket {
  struct sock *sk;
};

/* Registers of a stopped system call; which of the two the kernel has tells the machine. */
struct pt_regs___x86 {
  unsigned long bp;
  unsigned long bx;
  unsigned long cx;
  unsigned long dx;
  unsigned long si;
  unsigned long di;
  unsigned long r8;
  unsigned long r9;
  unsigned long r10;
  unsigned long orig_ax;
};

struct pt_regs___arm64 {
  u64 regs[31];
  u64 orig_x0;
  s32 syscallno;
};

KERNEL_TYPES_END
