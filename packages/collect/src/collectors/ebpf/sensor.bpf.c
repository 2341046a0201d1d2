/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The kernel's half of the ebpf collector. It only reads; what it writes goes to two rings that ring-decoder.ts reads,
 * which knows these structures byte for byte. sensor.bpf.o is this file compiled (scripts/build-bpf.ts).
 *
 * Every record is counted in emitted[] before it is written and in lost[] where its ring was full.
 */
#include "kernel.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum { EXEC = 1, FORK, EXIT, CONNECT, ACCEPT, LISTEN, CLOSE, FILE_OPEN, FILE_PATH, TYPES = 16 };

u64 emitted[TYPES];
u64 lost[TYPES];
/* Whether sockets are told. */
u32 tell_sockets;
/* Bytes in the bulk ring from which on its reader is woken. */
u64 wake_bytes;
/* Whether the reader wants to be woken. To wake it costs more than all the rest, so it asks each time anew. */
u32 wake_armed;
/* Mount namespace and root folder of the host. Paths in system calls are followed only from there. */
u32 home_mnt_ns;
u32 home_root_dev;
u64 home_root_ino;
/* A thread of the collector that opens files to learn how the kernel calls them, and what it learnt last. */
u32 learn_thread;
u32 learnt_mode;
u64 learnt_ino;
u32 learnt_dev;
u32 learnt_count;

/* Exec, fork and exit: never behind the bulk. Both rings are resized by the loader. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_RINGBUF);
  MAP_UINT(max_entries, 1 << 20);
} process_ring SEC(".maps");

struct {
  MAP_UINT(type, BPF_MAP_TYPE_RINGBUF);
  MAP_UINT(max_entries, 1 << 20);
} bulk_ring SEC(".maps");

#define PATH_MAX 4096
#define NAME_SLACK 256
#define CGROUP_MAX 2048
#define ARGV_CHUNK 4096
#define ARGV_CHUNKS 4
#define SCRATCH (32768 - 8)

/*
 * `at` is where the next byte goes. It lives in memory because what is read from there is unknown to the verifier: so
 * each turn of a loop looks like the last, where a register would carry a range of its own into each of them.
 */
struct scratch {
  u64 at;
  u8 bytes[SCRATCH];
};

/* Where a record of varying length is put together: one place for exec, one for files. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  MAP_UINT(max_entries, 2);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct scratch);
} scratches SEC(".maps");

struct identity {
  u64 start;
  u32 pid;
  u32 pad;
};

/* Which process a TCP socket belongs to, by the address of the socket. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 65536);
  MAP_TYPE(key, u64);
  MAP_TYPE(value, struct identity);
} sockets SEC(".maps");

/* Process id -> start in clock ticks: processes whose sockets and files are not told. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_HASH);
  MAP_UINT(max_entries, 1024);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, u64);
} ignored SEC(".maps");

/* Processes with threads that ended at the same moment, so that the end is told once. Keyed by their signal_struct. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 1024);
  MAP_TYPE(key, u64);
  MAP_TYPE(value, u64);
} ended SEC(".maps");

struct inode_key {
  u64 ino;
  u32 dev;
  u32 pad;
};

#define WATCH_SELF 1
#define WATCH_SELF_READS 2
#define WATCH_TREE 4
#define WATCH_TREE_READS 8
#define WATCH_NAMES 16

struct {
  MAP_UINT(type, BPF_MAP_TYPE_HASH);
  MAP_UINT(max_entries, 4096);
  MAP_TYPE(key, struct inode_key);
  MAP_TYPE(value, u32);
} watched_inodes SEC(".maps");

#define WATCH_NAME_MAX 64

struct name_key {
  u64 ino;
  u32 dev;
  char name[WATCH_NAME_MAX];
  u32 pad;
};

/* A file by its folder and name, whether it exists or not: survives its replacement. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_HASH);
  MAP_UINT(max_entries, 4096);
  MAP_TYPE(key, struct name_key);
  MAP_TYPE(value, u32);
} watched_names SEC(".maps");

struct header {
  u64 time; /* ns since boot, the time asleep counted */
  u32 type;
  u32 pid;
  u64 start; /* as time */
};

INLINE void count(u64 *counters, u32 type) {
  if (type < TYPES) __sync_fetch_and_add(&counters[type], 1);
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

/* ---- paths ---- */

/* Adds a name, ended by a zero byte. False when there is no room for it. */
INLINE int add_name(struct scratch *to, u64 limit, const void *name) {
  u64 at = to->at;
  if (at > limit || at > SCRATCH - NAME_SLACK) return 0;
  long length = bpf_probe_read_kernel_str(&to->bytes[at], NAME_SLACK, name);
  if (length <= 0) return 0;
  to->at = at + length;
  return 1;
}

/*
 * Adds the names from a dentry up to the root of its mount namespace and returns their length. A path deeper than the
 * loop is cut at its upper end.
 */
static __attribute__((noinline)) u32 walk(struct scratch *to, struct dentry *dentry, struct vfsmount *mnt) {
  u64 start = to->at;
  struct mount *mount = (void *)mnt - OFFSET(struct mount, mnt);
  struct dentry *mnt_root = READ(mnt, mnt_root);
  for (int depth = 0; depth < 40; depth++) {
    if (!dentry) break;
    struct dentry *parent = READ(dentry, d_parent);
    if (dentry == mnt_root) {
      struct mount *above = READ(mount, mnt_parent);
      if (!above || above == mount) break;
      dentry = READ(mount, mnt_mountpoint);
      mount = above;
      mnt_root = READ(mount, mnt.mnt_root);
      continue;
    }
    if (!add_name(to, start + PATH_MAX - NAME_SLACK, READ(dentry, d_name.name))) break;
    if (dentry == parent) break; /* of no folder: a memfd */
    dentry = parent;
  }
  return to->at - start;
}

/* As walk, with the names of a task's cgroup up to the root of the unified hierarchy. */
static __attribute__((noinline)) u32 walk_cgroup(struct scratch *to, struct task_struct *task) {
  u64 start = to->at;
  struct css_set *set = READ(task, cgroups);
  struct cgroup *cgroup = READ(set, dfl_cgrp);
  struct kernfs_node *node = READ(cgroup, kn);
  for (int depth = 0; depth < 16; depth++) {
    struct kernfs_node *parent = 0;
    if (HAS(struct kernfs_node___parent, __parent))
      parent = READ((struct kernfs_node___parent *)node, __parent);
    else
      parent = READ((struct kernfs_node___old *)node, parent);
    if (!parent) break;
    if (!add_name(to, start + CGROUP_MAX - NAME_SLACK, READ(node, name))) break;
    node = parent;
  }
  return to->at - start;
}

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

/* Sends what was put together. Negative when the ring is full. */
INLINE long send(void *ring, struct scratch *scratch, u64 flags) {
  u64 size = scratch->at;
  if (size > SCRATCH) return -1;
  return bpf_ringbuf_output(ring, scratch->bytes, size, flags);
}

/* ---- exec, fork, exit ---- */

struct stream {
  u16 mode; /* i_mode, 0 when closed */
  u16 family; /* of the peer; 0 when there is none */
  u16 port; /* of the peer, as on the wire */
  u16 major; /* of a device */
  u8 address[16];
};

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
  u32 pad;
  char comm[16];
  struct stream streams[3];
};

INLINE struct file *file_of(struct task_struct *task, u32 fd) {
  struct files_struct *files = READ(task, files);
  struct fdtable *table = READ(files, fdt);
  if (fd >= READ(table, max_fds)) return 0;
  struct file **slots = READ(table, fd);
  struct file *file = 0;
  bpf_probe_read_kernel(&file, sizeof(file), &slots[fd]);
  return file;
}

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define SOCK_DONE 1
#define S_IFMT 0170000
#define S_IFSOCK 0140000

INLINE struct sock *sock_of(struct file *file) {
  struct inode *inode = READ(file, f_inode);
  if ((READ(inode, i_mode) & S_IFMT) != S_IFSOCK) return 0;
  struct socket *socket = READ(file, private_data);
  return READ(socket, sk);
}

INLINE void read_address(u8 *to, struct sock *sk, u16 family, int remote) {
  if (family == AF_INET) {
    u32 address = remote ? READ(sk, __sk_common.skc_daddr) : READ(sk, __sk_common.skc_rcv_saddr);
    __builtin_memcpy(to, &address, sizeof(address));
  } else {
    struct in6_addr address =
        remote ? READ(sk, __sk_common.skc_v6_daddr) : READ(sk, __sk_common.skc_v6_rcv_saddr);
    __builtin_memcpy(to, &address, sizeof(address));
  }
}

static __attribute__((noinline)) int read_stream(struct stream *to, struct task_struct *task, u32 fd) {
  struct file *file = file_of(task, fd);
  if (!file) return 0;
  struct inode *inode = READ(file, f_inode);
  to->mode = READ(inode, i_mode);
  to->major = READ(inode, i_rdev) >> 20;
  struct sock *sk = sock_of(file);
  if (!sk) return 0;
  u16 family = READ(sk, __sk_common.skc_family);
  u16 port = READ(sk, __sk_common.skc_dport);
  if ((family != AF_INET && family != AF_INET6) || READ(sk, sk_protocol) != IPPROTO_TCP || port == 0) return 0;
  to->family = family;
  to->port = port;
  read_address(to->address, sk, family, 1);
  return 0;
}

SEC("tp_btf/sched_process_exec")
int process_exec(u64 *ctx) {
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
  head(&record->header, EXEC, READ(task, tgid), start_of(task));

  struct task_struct *parent = READ(task, real_parent);
  record->parent_pid = READ(parent, tgid);
  record->parent_start = start_of(parent);

  struct cred *cred = READ(task, cred);
  record->uid = READ(cred, uid.val);
  record->gid = READ(cred, gid.val);
  record->euid = READ(cred, euid.val);
  record->login_uid = record->session_id = -1;
  if (HAS(struct task_struct___audit, loginuid)) {
    record->login_uid = READ((struct task_struct___audit *)task, loginuid.val);
    record->session_id = READ((struct task_struct___audit *)task, sessionid);
  }

  struct nsproxy *nsproxy = READ(task, nsproxy);
  struct mnt_namespace *mnt_ns = READ(nsproxy, mnt_ns);
  record->mnt_ns = READ(mnt_ns, ns.inum);
  struct pid *pid = READ(task, thread_pid);
  u32 level = READ(pid, level);
  struct upid *numbers = __builtin_preserve_access_index(&pid->numbers[0]);
  /* The size of struct upid has been 16 bytes on every 64-bit kernel. */
  struct upid *number = (void *)numbers + (level & 31) * 16;
  struct pid_namespace *pid_ns = READ(number, ns);
  record->pid_ns = READ(pid_ns, ns.inum);
  record->cgroup_id = bpf_get_current_cgroup_id();
  bpf_probe_read_kernel(record->comm, sizeof(record->comm), __builtin_preserve_access_index(&task->comm));

  read_stream(&record->streams[0], task, 0);
  read_stream(&record->streams[1], task, 1);
  read_stream(&record->streams[2], task, 2);

  scratch->at = sizeof(*record);
  struct mm_struct *mm = READ(task, mm);
  struct file *exe = READ(mm, exe_file);
  if (exe) {
    struct inode *inode = READ(exe, f_inode);
    struct super_block *sb = READ(inode, i_sb);
    struct vfsmount *mnt = READ(exe, f_path.mnt);
    record->ino = READ(inode, i_ino);
    record->nlink = READ(inode, i_nlink);
    record->dev = READ(sb, s_dev);
    if (READ(mnt, mnt_flags) & 0x4000 /* MNT_INTERNAL */) record->flags |= EXEC_INTERNAL_MOUNT;
    record->exe_length = walk(scratch, READ(exe, f_path.dentry), mnt);
  }
  struct fs_struct *fs = READ(task, fs);
  record->cwd_length = walk(scratch, READ(fs, pwd.dentry), READ(fs, pwd.mnt));
  record->cgroup_length = walk_cgroup(scratch, task);
  u64 from = READ(mm, arg_start);
  u64 left = READ(mm, arg_end) - from;
  record->argv_length = read_arguments(scratch, from, &left);
  if (left > 0) record->flags |= EXEC_ARGV_CUT;

  if (send(&process_ring, scratch, wake())) count(lost, EXEC);
  return 0;
}

struct fork_record {
  struct header header;
  u64 parent_start;
  u32 parent_pid;
  u32 pad;
};

SEC("tp_btf/sched_process_fork")
int process_fork(u64 *ctx) {
  struct task_struct *parent = (void *)ctx[0], *child = (void *)ctx[1];
  int pid = READ(child, tgid);
  if (pid != READ(child, pid)) return 0; /* a thread */
  count(emitted, FORK);
  struct fork_record *record = bpf_ringbuf_reserve(&process_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, FORK);
    return 0;
  }
  head(&record->header, FORK, pid, READ(child, start_boottime));
  record->parent_start = start_of(parent);
  record->parent_pid = READ(parent, tgid);
  record->pad = 0;
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
  struct signal_struct *signal = READ(task, signal);
  if (READ(signal, live.counter) != 0) return 0;
  u64 start = start_of(task);
  if (READ(signal, nr_threads) > 1) {
    /* Two threads may both have been the last when they looked. A later process at this address has another start. */
    u64 key = (u64)signal ^ (start << 1);
    if (bpf_map_update_elem(&ended, &key, &start, BPF_NOEXIST)) return 0;
  }
  count(emitted, EXIT);
  struct exit_record *record = bpf_ringbuf_reserve(&process_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, EXIT);
    return 0;
  }
  head(&record->header, EXIT, READ(task, tgid), start);
  struct task_struct *leader = READ(task, group_leader);
  record->status =
      READ(signal, flags) & SIGNAL_GROUP_EXIT ? READ(signal, group_exit_code) : READ(leader, exit_code);
  record->pad = 0;
  bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
  return 0;
}

/* ---- sockets ---- */

struct socket_record {
  struct header header;
  u16 family;
  u16 protocol;
  u16 local_port;
  u16 remote_port; /* as on the wire */
  u64 bytes_in;
  u64 bytes_out;
  u8 local[16];
  u8 remote[16];
};

static __attribute__((noinline)) int tell_socket(struct sock *sk, u32 type, u32 pid, u64 start) {
  u16 family = READ(sk, __sk_common.skc_family);
  if (family != AF_INET && family != AF_INET6) return 0;
  count(emitted, type);
  struct socket_record *record = bpf_ringbuf_reserve(&bulk_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, type);
    return 0;
  }
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, type, pid, start);
  record->family = family;
  record->protocol = READ(sk, sk_protocol);
  /* skc_num is given back before the state becomes 'closed'. */
  record->local_port = __builtin_bswap16(READ((struct inet_sock *)sk, inet_sport));
  if (!record->local_port) record->local_port = READ(sk, __sk_common.skc_num);
  record->remote_port = READ(sk, __sk_common.skc_dport);
  read_address(record->local, sk, family, 0);
  read_address(record->remote, sk, family, 1);
  if (type == CLOSE) {
    struct tcp_sock *tcp = (void *)sk;
    /* The end of the stream is counted as a byte. */
    record->bytes_in = READ(tcp, bytes_received) - (READ(sk, __sk_common.skc_flags) >> SOCK_DONE & 1);
    record->bytes_out = READ(tcp, bytes_sent) - READ(tcp, bytes_retrans);
  }
  bpf_ringbuf_submit(record, bulk_wake());
  return 0;
}

#define TCP_SYN_SENT 2
#define TCP_CLOSE 7
#define TCP_LISTEN 10

SEC("tp_btf/inet_sock_set_state")
int socket_state(u64 *ctx) {
  struct sock *sk = (void *)ctx[0];
  int from = ctx[1], to = ctx[2];
  if (to != TCP_SYN_SENT && to != TCP_LISTEN && to != TCP_CLOSE) return 0;
  if (READ(sk, sk_protocol) != IPPROTO_TCP) return 0;
  u64 key = (u64)sk;
  if (to == TCP_CLOSE) {
    /* Often in a softirq, on top of a process that has nothing to do with it. */
    struct identity *owner = bpf_map_lookup_elem(&sockets, &key);
    if (!owner) return 0;
    if (from != TCP_LISTEN) tell_socket(sk, CLOSE, owner->pid, owner->start);
    bpf_map_delete_elem(&sockets, &key);
    return 0;
  }
  struct task_struct *task = bpf_get_current_task();
  struct identity owner = {.start = start_of(task), .pid = READ(task, tgid)};
  if (is_ignored(owner.pid, owner.start)) return 0;
  if (to == TCP_SYN_SENT) bpf_map_update_elem(&sockets, &key, &owner, BPF_ANY);
  tell_socket(sk, to == TCP_LISTEN ? LISTEN : CONNECT, owner.pid, owner.start);
  return 0;
}

/* ---- files ---- */

enum operation { CREATE = 1, READ_FILE, WRITE, DELETE, RENAME, ATTRIBUTES };

#define MATCH_NAME 0
#define MATCH_INODE 1

struct file_record {
  struct header header;
  u64 ino;
  u32 dev;
  u8 operation;
  u8 match; /* MATCH_INODE: an inode that is watched, under a name that is not */
  u16 path_length;
};

/* The path of a file, of a call that named it by a path: where the path starts, and the path as it was given. */
struct path_record {
  struct header header;
  u32 operation;
  u16 base_length[2];
  u16 path_length[2];
  u16 pad[2];
};

struct match {
  u32 self; /* flags of the file or folder itself */
  u32 around; /* of the folder that it is in, or of one further up */
};

INLINE u32 *inode_flags(struct inode *inode) {
  struct super_block *sb = READ(inode, i_sb);
  struct inode_key key = {.ino = READ(inode, i_ino), .dev = READ(sb, s_dev)};
  return bpf_map_lookup_elem(&watched_inodes, &key);
}

INLINE u32 name_flags(struct inode *folder, struct dentry *dentry, const char *user_name) {
  struct super_block *sb = READ(folder, i_sb);
  struct name_key key = {.ino = READ(folder, i_ino), .dev = READ(sb, s_dev)};
  if (dentry) {
    const unsigned char *name = READ(dentry, d_name.name);
    bpf_probe_read_kernel_str(key.name, WATCH_NAME_MAX, name);
  } else {
    bpf_probe_read_user_str(key.name, WATCH_NAME_MAX, user_name);
  }
  u32 *flags = bpf_map_lookup_elem(&watched_names, &key);
  return flags ? *flags : 0;
}

/* What of the watch concerns a file in this folder: by a name in it, or because it or a folder above is watched whole. */
static __attribute__((noinline)) u32 folder_flags(struct dentry *folder, struct dentry *child, const char *name) {
  u32 found = 0;
  for (int level = 0; level < 8; level++) {
    if (!folder) break;
    struct inode *inode = READ(folder, d_inode);
    u32 *flags = inode_flags(inode);
    if (flags) {
      found |= *flags & (WATCH_TREE | WATCH_TREE_READS);
      if (level == 0 && *flags & WATCH_NAMES) found |= name_flags(inode, child, name);
    }
    struct dentry *parent = READ(folder, d_parent);
    if (parent == folder) break;
    folder = parent;
  }
  return found;
}

#define WATCHES (WATCH_SELF | WATCH_TREE)
#define READS (WATCH_SELF_READS | WATCH_TREE_READS)

static __attribute__((noinline)) int tell_file(struct task_struct *task, struct file *file, u32 operation) {
  struct inode *inode = READ(file, f_inode);
  struct dentry *dentry = READ(file, f_path.dentry);
  struct dentry *parent = READ(dentry, d_parent);
  u32 *own = inode_flags(inode);
  u32 self = own ? *own & ~WATCH_NAMES : 0;
  u32 around = folder_flags(parent, dentry, 0);
  u32 flags = self | around;
  if (!flags) return 0;
  if (!(flags & (operation == READ_FILE ? READS : WATCHES))) return 0;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (is_ignored(pid, start)) return 0;

  count(emitted, FILE_OPEN);
  u32 slot = 1;
  struct scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);
  if (!scratch) {
    count(lost, FILE_OPEN);
    return 0;
  }
  struct file_record *record = (void *)scratch->bytes;
  head(&record->header, FILE_OPEN, pid, start);
  struct super_block *sb = READ(inode, i_sb);
  record->ino = READ(inode, i_ino);
  record->dev = READ(sb, s_dev);
  record->operation = operation;
  record->match = around || self & WATCH_TREE ? MATCH_NAME : MATCH_INODE;
  scratch->at = sizeof(*record);
  record->path_length = walk(scratch, dentry, READ(file, f_path.mnt));
  if (send(&bulk_ring, scratch, bulk_wake())) count(lost, FILE_OPEN);
  return 0;
}

#define FMODE_READ 1
#define FMODE_WRITE 2
#define FMODE_PATH 0x4000
#define FMODE_CREATED 0x100000

INLINE void on_open(struct task_struct *task, u32 fd) {
  struct file *file = file_of(task, fd);
  if (!file) return;
  u32 mode = READ(file, f_mode);
  if (learn_thread && (u32)bpf_get_current_pid_tgid() == learn_thread) {
    struct inode *inode = READ(file, f_inode);
    struct super_block *sb = READ(inode, i_sb);
    learnt_ino = READ(inode, i_ino);
    learnt_dev = READ(sb, s_dev);
    learnt_mode = READ(inode, i_mode);
    learnt_count++;
    return;
  }
  if (mode & FMODE_CREATED)
    tell_file(task, file, CREATE);
  else if (mode & FMODE_WRITE)
    tell_file(task, file, WRITE);
  else if (mode & FMODE_READ)
    tell_file(task, file, READ_FILE);
}

#define AT_FDCWD -100

struct named {
  const char *path;
  int folder;
};

#define MAYBE_WATCHED 0
#define NOT_WATCHED 1
#define UNREADABLE 2

/* Adds a path of a call and the folder that it starts from. */
static __attribute__((noinline)) int
add_named(struct scratch *scratch, struct task_struct *task, struct named *named, u32 index) {
  struct path_record *record = (void *)scratch->bytes;
  struct fs_struct *fs = READ(task, fs);
  struct dentry *dentry = 0;
  struct vfsmount *mnt = 0;
  char first = 0;
  bpf_probe_read_user(&first, 1, named->path);
  if (first == '/') {
    dentry = READ(fs, root.dentry);
    mnt = READ(fs, root.mnt);
  } else if (named->folder == AT_FDCWD) {
    dentry = READ(fs, pwd.dentry);
    mnt = READ(fs, pwd.mnt);
  } else {
    struct file *file = file_of(task, named->folder);
    if (!file) return UNREADABLE;
    dentry = READ(file, f_path.dentry);
    mnt = READ(file, f_path.mnt);
  }
  index &= 1;
  record->base_length[index] = walk(scratch, dentry, mnt);
  u64 at = scratch->at;
  if (at > SCRATCH - PATH_MAX) return UNREADABLE;
  long length = bpf_probe_read_user_str(&scratch->bytes[at], PATH_MAX, named->path);
  if (length <= 0) return UNREADABLE;
  record->path_length[index] = length;
  scratch->at = at + length;

  /* A bare name is decided here, so that the sweep of a temporary folder stays in the kernel. */
  for (u32 i = 0; i < NAME_SLACK; i++) {
    u64 place = at + i;
    if (place >= SCRATCH) return MAYBE_WATCHED;
    char c = scratch->bytes[place];
    if (c == '/' || (i == 0 && (c == '.' || c == 0))) return MAYBE_WATCHED;
    if (c == 0) break;
  }
  return folder_flags(dentry, 0, named->path) ? MAYBE_WATCHED : NOT_WATCHED;
}

/* In a container the same path is another file. A service with mounts of its own still has the root of the host. */
INLINE int is_home(struct task_struct *task) {
  struct nsproxy *nsproxy = READ(task, nsproxy);
  struct mnt_namespace *mnt_ns = READ(nsproxy, mnt_ns);
  if (READ(mnt_ns, ns.inum) == home_mnt_ns) return 1;
  struct fs_struct *fs = READ(task, fs);
  struct dentry *root = READ(fs, root.dentry);
  struct inode *inode = READ(root, d_inode);
  struct super_block *sb = READ(inode, i_sb);
  return READ(inode, i_ino) == home_root_ino && READ(sb, s_dev) == home_root_dev;
}

INLINE void
on_path(struct task_struct *task, u32 operation, const char *path, int folder, const char *path2, int folder2) {
  if (!is_home(task)) return;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (is_ignored(pid, start)) return;
  u32 slot = 1;
  struct scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);
  if (!scratch) return;
  struct path_record *record = (void *)scratch->bytes;
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, FILE_PATH, pid, start);
  record->operation = operation;
  scratch->at = sizeof(*record);
  struct named named = {path, folder};
  int found = add_named(scratch, task, &named, 0);
  if (found == UNREADABLE) return;
  if (path2) {
    named.path = path2;
    named.folder = folder2;
    int found2 = add_named(scratch, task, &named, 1);
    if (found2 == UNREADABLE) return;
    if (found2 == MAYBE_WATCHED) found = MAYBE_WATCHED;
  }
  if (found == NOT_WATCHED) return;
  count(emitted, FILE_PATH);
  if (send(&bulk_ring, scratch, bulk_wake())) count(lost, FILE_PATH);
}

/* What is done at the end of a system call: the low bits say how its arguments name the file, the high ones what it did. */
enum {
  OPENS = 1,
  ACCEPTS,
  CONNECTS,
  BY_FD, /* fd */
  BY_PATH, /* path */
  BY_PATH_AT, /* folder, path */
  BY_TWO, /* path, path */
  BY_TWO_AT, /* folder, path, folder, path */
  BY_SECOND, /* target, path */
  BY_SECOND_AT, /* target, folder, path */
  BY_FOURTH_AT, /* folder, path, folder, path: only what is made counts */
  BY_FOURTH, /* path, path: only what is made counts */
};
#define CALL(how, operation) ((how) | (operation) << 4)

#define CALLS 512

static const u8 x86_64_calls[CALLS] = {
    [2] = OPENS, /* open */
    [85] = OPENS, /* creat */
    [257] = OPENS, /* openat */
    [437] = OPENS, /* openat2 */
    [304] = OPENS, /* open_by_handle_at */
    [43] = ACCEPTS, /* accept */
    [288] = ACCEPTS, /* accept4 */
    [42] = CONNECTS, /* connect */
    [76] = CALL(BY_PATH, WRITE), /* truncate */
    [77] = CALL(BY_FD, WRITE), /* ftruncate */
    [82] = CALL(BY_TWO, RENAME), /* rename */
    [264] = CALL(BY_TWO_AT, RENAME), /* renameat */
    [316] = CALL(BY_TWO_AT, RENAME), /* renameat2 */
    [84] = CALL(BY_PATH, DELETE), /* rmdir */
    [87] = CALL(BY_PATH, DELETE), /* unlink */
    [263] = CALL(BY_PATH_AT, DELETE), /* unlinkat */
    [83] = CALL(BY_PATH, CREATE), /* mkdir */
    [258] = CALL(BY_PATH_AT, CREATE), /* mkdirat */
    [133] = CALL(BY_PATH, CREATE), /* mknod */
    [259] = CALL(BY_PATH_AT, CREATE), /* mknodat */
    [86] = CALL(BY_FOURTH, CREATE), /* link */
    [265] = CALL(BY_FOURTH_AT, CREATE), /* linkat */
    [88] = CALL(BY_SECOND, CREATE), /* symlink */
    [266] = CALL(BY_SECOND_AT, CREATE), /* symlinkat */
    [90] = CALL(BY_PATH, ATTRIBUTES), /* chmod */
    [91] = CALL(BY_FD, ATTRIBUTES), /* fchmod */
    [268] = CALL(BY_PATH_AT, ATTRIBUTES), /* fchmodat */
    [452] = CALL(BY_PATH_AT, ATTRIBUTES), /* fchmodat2 */
    [92] = CALL(BY_PATH, ATTRIBUTES), /* chown */
    [93] = CALL(BY_FD, ATTRIBUTES), /* fchown */
    [94] = CALL(BY_PATH, ATTRIBUTES), /* lchown */
    [260] = CALL(BY_PATH_AT, ATTRIBUTES), /* fchownat */
    [188] = CALL(BY_PATH, ATTRIBUTES), /* setxattr */
    [189] = CALL(BY_PATH, ATTRIBUTES), /* lsetxattr */
    [190] = CALL(BY_FD, ATTRIBUTES), /* fsetxattr */
};

/* 32-bit programs on x86-64. */
static const u8 i386_calls[CALLS] = {
    [5] = OPENS,
    [8] = OPENS,
    [295] = OPENS,
    [437] = OPENS,
    [342] = OPENS,
    [364] = ACCEPTS,
    [362] = CONNECTS,
    [92] = CALL(BY_PATH, WRITE),
    [193] = CALL(BY_PATH, WRITE),
    [93] = CALL(BY_FD, WRITE),
    [194] = CALL(BY_FD, WRITE),
    [38] = CALL(BY_TWO, RENAME),
    [302] = CALL(BY_TWO_AT, RENAME),
    [353] = CALL(BY_TWO_AT, RENAME),
    [40] = CALL(BY_PATH, DELETE),
    [10] = CALL(BY_PATH, DELETE),
    [301] = CALL(BY_PATH_AT, DELETE),
    [39] = CALL(BY_PATH, CREATE),
    [296] = CALL(BY_PATH_AT, CREATE),
    [14] = CALL(BY_PATH, CREATE),
    [297] = CALL(BY_PATH_AT, CREATE),
    [9] = CALL(BY_FOURTH, CREATE),
    [303] = CALL(BY_FOURTH_AT, CREATE),
    [83] = CALL(BY_SECOND, CREATE),
    [304] = CALL(BY_SECOND_AT, CREATE),
    [15] = CALL(BY_PATH, ATTRIBUTES),
    [94] = CALL(BY_FD, ATTRIBUTES),
    [306] = CALL(BY_PATH_AT, ATTRIBUTES),
    [452] = CALL(BY_PATH_AT, ATTRIBUTES),
    [182] = CALL(BY_PATH, ATTRIBUTES),
    [212] = CALL(BY_PATH, ATTRIBUTES),
    [95] = CALL(BY_FD, ATTRIBUTES),
    [207] = CALL(BY_FD, ATTRIBUTES),
    [16] = CALL(BY_PATH, ATTRIBUTES),
    [198] = CALL(BY_PATH, ATTRIBUTES),
    [298] = CALL(BY_PATH_AT, ATTRIBUTES),
    [226] = CALL(BY_PATH, ATTRIBUTES),
    [227] = CALL(BY_PATH, ATTRIBUTES),
    [228] = CALL(BY_FD, ATTRIBUTES),
};

/* arm64, and every machine with the generic table. */
static const u8 generic_calls[CALLS] = {
    [56] = OPENS,
    [437] = OPENS,
    [265] = OPENS,
    [202] = ACCEPTS,
    [242] = ACCEPTS,
    [203] = CONNECTS,
    [45] = CALL(BY_PATH, WRITE),
    [46] = CALL(BY_FD, WRITE),
    [38] = CALL(BY_TWO_AT, RENAME),
    [276] = CALL(BY_TWO_AT, RENAME),
    [35] = CALL(BY_PATH_AT, DELETE),
    [34] = CALL(BY_PATH_AT, CREATE),
    [33] = CALL(BY_PATH_AT, CREATE),
    [37] = CALL(BY_FOURTH_AT, CREATE),
    [36] = CALL(BY_SECOND_AT, CREATE),
    [52] = CALL(BY_FD, ATTRIBUTES),
    [53] = CALL(BY_PATH_AT, ATTRIBUTES),
    [452] = CALL(BY_PATH_AT, ATTRIBUTES),
    [54] = CALL(BY_PATH_AT, ATTRIBUTES),
    [55] = CALL(BY_FD, ATTRIBUTES),
    [5] = CALL(BY_PATH, ATTRIBUTES),
    [6] = CALL(BY_PATH, ATTRIBUTES),
    [7] = CALL(BY_FD, ATTRIBUTES),
};

#define TS_COMPAT 2

INLINE int is_compat(struct task_struct *task) {
  return READ(task, thread_info.status) & TS_COMPAT;
}

INLINE u64 argument(void *regs, int compat, int index) {
  if (HAS(struct pt_regs___x86, orig_ax)) {
    struct pt_regs___x86 *x86 = regs;
    if (compat) {
      u64 value = index == 0   ? READ(x86, bx)
                  : index == 1 ? READ(x86, cx)
                  : index == 2 ? READ(x86, dx)
                               : READ(x86, si);
      return (u32)value;
    }
    return index == 0 ? READ(x86, di) : index == 1 ? READ(x86, si) : index == 2 ? READ(x86, dx) : READ(x86, r10);
  }
  struct pt_regs___arm64 *arm = regs;
  return index == 0 ? READ(arm, orig_x0) : READ(arm, regs[index]);
}

INLINE void on_accept(struct task_struct *task, u32 fd) {
  struct file *file = file_of(task, fd);
  if (!file) return;
  struct sock *sk = sock_of(file);
  if (!sk || READ(sk, sk_protocol) != IPPROTO_TCP) return;
  struct identity owner = {.start = start_of(task), .pid = READ(task, tgid)};
  if (is_ignored(owner.pid, owner.start)) return;
  u64 key = (u64)sk;
  bpf_map_update_elem(&sockets, &key, &owner, BPF_ANY);
  tell_socket(sk, ACCEPT, owner.pid, owner.start);
}

/* UDP has no states; connect(2) on it fixes the far end. */
INLINE void on_connect(struct task_struct *task, u32 fd) {
  struct file *file = file_of(task, fd);
  if (!file) return;
  struct sock *sk = sock_of(file);
  if (!sk || READ(sk, sk_protocol) != IPPROTO_UDP || !READ(sk, __sk_common.skc_dport)) return;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (is_ignored(pid, start)) return;
  tell_socket(sk, CONNECT, pid, start);
}

SEC("tp_btf/sys_exit")
int system_call(u64 *ctx) {
  void *regs = (void *)ctx[0];
  s64 result = ctx[1];
  if (result < 0) return 0;
  struct task_struct *task = bpf_get_current_task();
  u8 call = 0;
  int compat = 0;
  if (HAS(struct pt_regs___x86, orig_ax)) {
    u64 number = ((struct pt_regs___x86 *)regs)->orig_ax;
    if (number >= CALLS) return 0;
    call = x86_64_calls[number];
    u8 other = i386_calls[number];
    if (!call && !other) return 0;
    compat = is_compat(task);
    if (compat) call = other;
  } else {
    u64 number = ((struct pt_regs___arm64 *)regs)->syscallno;
    if (number >= CALLS) return 0;
    call = generic_calls[number];
  }
  if (!call) return 0;
  u32 operation = call >> 4;
  u64 first, second, third;
  switch (call & 15) {
  case OPENS:
    on_open(task, result);
    return 0;
  case ACCEPTS:
    if (tell_sockets) on_accept(task, result);
    return 0;
  }
  first = argument(regs, compat, 0);
  switch (call & 15) {
  case CONNECTS:
    if (tell_sockets) on_connect(task, first);
    return 0;
  case BY_FD: {
    struct file *file = file_of(task, first);
    if (file) tell_file(task, file, operation);
    return 0;
  }
  }
  const char *path = 0, *path2 = 0;
  int folder = AT_FDCWD, folder2 = AT_FDCWD;
  second = argument(regs, compat, 1);
  third = argument(regs, compat, 2);
  switch (call & 15) {
  case BY_PATH:
    path = (void *)first;
    break;
  case BY_PATH_AT:
    folder = first;
    path = (void *)second;
    break;
  case BY_TWO:
    path = (void *)first;
    path2 = (void *)second;
    break;
  case BY_TWO_AT:
    folder = first;
    path = (void *)second;
    folder2 = third;
    path2 = (void *)argument(regs, compat, 3);
    break;
  case BY_SECOND:
  case BY_FOURTH:
    path = (void *)second;
    break;
  case BY_SECOND_AT:
    folder = second;
    path = (void *)third;
    break;
  case BY_FOURTH_AT:
    folder = third;
    path = (void *)argument(regs, compat, 3);
    break;
  }
  if (path) on_path(task, operation, path, folder, path2, folder2);
  return 0;
}
