/**
 * How each evasion of the guide's page is done by its test: a script of Perl that gets an empty folder of its own as `$dir`,
 * or of Node with what `act` of the sensor's tests has. Each acts on what it made itself, and is over in two seconds.
 */
export interface Act {
  readonly perl?: string
  readonly node?: string
  readonly env?: Readonly<Record<string, string>>
  /** Given on standard input. */
  readonly stdin?: string
  /** The folder is watched by the sensors. */
  readonly watched?: boolean
}

/** Programs live so long that sensors which look again and again can find them. */
const LONG = '1.3'

/** What each script of Perl has: numbers of system calls, and the means to make programs. */
export const perlPrelude = `
use strict; use warnings; no warnings 'portable';
my $dir = $ARGV[0];
my %nr = ${
  process.arch === 'arm64'
    ? '(memfd => 279, execveat => 281, ptrace => 117, vm_writev => 271, mmap => 222, mprotect => 226, bpf => 280, clone => 220, prctl => 167, unshare => 97, setns => 268)'
    : '(memfd => 319, execveat => 322, ptrace => 101, vm_writev => 311, mmap => 9, mprotect => 10, bpf => 321, clone => 56, prctl => 157, unshare => 272, setns => 308)'
};
sub slurp { open(my $f, '<:raw', $_[0]) or die "$_[0]: $!"; local $/; return <$f> }
sub put { open(my $f, '>:raw', $_[0]) or die "$_[0]: $!"; print $f $_[1]; close $f; chmod($_[2] // 0644, $_[0]) }
sub tool { my $path = "$dir/$_[0]"; put($path, slurp($_[1] // '/bin/sleep'), 0755); return $path }
sub memfd { my $name = $_[0]; my $fd = syscall($nr{memfd}, $name, 0); die $! if $fd < 0; return $fd }
sub fill { open(my $f, '>&=', $_[0]) or die $!; binmode $f; syswrite($f, $_[1]) or die $!; return $f }
sub linger { select(undef, undef, undef, $_[0] // ${LONG}) }
sub run { my $pid = fork(); if ($pid == 0) { exec { $_[0] } @_[1 .. $#_]; die $! } return $pid }
sub victim { my $pid = fork(); if ($pid == 0) { select(undef, undef, undef, 5); exit } return $pid }
sub over { kill 'KILL', @_; waitpid($_, 0) for @_ }
`

export const acts = {
  memfd: {
    perl: `my $fd = memfd('quiet'); my $f = fill($fd, slurp('/bin/sleep')); exec { "/proc/self/fd/$fd" } 'quiet', '${LONG}';`,
  },
  'memfd-library': {
    perl: `my $fd = memfd('plugin'); my $f = fill($fd, "\\0" x 4096);
      my $at = syscall($nr{mmap}, 0, 4096, 5, 2, $fd, 0); die $! if $at == -1; linger();`,
  },
  fexecve: {
    perl: `my $path = tool('plain'); open(my $f, '<', $path); my $empty = '';
      my $argv = pack('PPQ', "other\\0", "${LONG}\\0", 0); my $env = pack('Q', 0);
      syscall($nr{execveat}, fileno $f, $empty, $argv, $env, 0x1000); die $!`,
  },
  deleted: {
    perl: `my $path = tool('gone'); open(my $f, '<', $path); unlink $path; use Fcntl; fcntl($f, F_SETFD, 0);
      my $fd = fileno $f; exec { "/proc/self/fd/$fd" } 'gone', '${LONG}';`,
  },
  'self-delete': {
    perl: `my $path = tool('once', '/usr/bin/perl'); waitpid(run($path, $path, '-e', 'unlink $ARGV[0]; select undef, undef, undef, ${LONG}', $path), 0);`,
  },
  'own-link': {
    perl: `exec { '/proc/self/exe' } 'another', '-e', 'select undef, undef, undef, ${LONG}';`,
  },
  'kernel-name': {
    perl: `my $path = tool('worker'); exec { $path } '[kworker/0:1]', '${LONG}';`,
  },
  'system-name': { perl: `my $path = tool('sshd'); exec { $path } $path, '${LONG}';` },
  'deceiving-name': { perl: `my $path = tool('invoice.pdf'); exec { $path } $path, '${LONG}';` },
  'rewritten-arguments': {
    perl: `my $path = tool('mask', '/usr/bin/perl');
      exec { $path } $path, '-e', '$0 = "/usr/sbin/cron -f"; select undef, undef, undef, ${LONG}', 'secret-argument';`,
  },
  'rewritten-name': {
    perl: `my $path = tool('named', '/usr/bin/perl');
      exec { $path } $path, '-e', 'my $n = "systemd"; syscall(${process.arch === 'arm64' ? 167 : 157}, 15, $n, 0, 0, 0); select undef, undef, undef, ${LONG}';`,
  },
  preload: {
    perl: `put("$dir/hook.so", slurp((glob '/lib/*-linux-gnu/libm.so.6 /usr/lib/*-linux-gnu/libm.so.6')[0]));
      $ENV{LD_PRELOAD} = "$dir/hook.so"; exec '/bin/sleep', '${LONG}';`,
  },
  'preload-behind-padding': {
    perl: `put("$dir/hook.so", slurp((glob '/lib/*-linux-gnu/libm.so.6 /usr/lib/*-linux-gnu/libm.so.6')[0]));
      # Variables in the order in which they are given, the one that matters last.
      my @all = map { "A$_=" . 'x' x 100 . "\\0" } 1 .. 60; push @all, "LD_PRELOAD=$dir/hook.so\\0";
      my $env = pack('P' x @all . 'Q', @all, 0); my $argv = pack('PPQ', "sleep\\0", "${LONG}\\0", 0); my $path = "/bin/sleep";
      syscall(${process.arch === 'arm64' ? 221 : 59}, $path, $argv, $env); die $!`,
  },
  loader: {
    perl: `my $path = tool('data.bin'); chmod 0644, $path; my ($loader) = glob '/lib64/ld-linux-* /lib/ld-linux-*';
      exec { $loader } $loader, $path, '${LONG}';`,
  },
  static: { perl: `my $path = tool('static', '/sbin/ldconfig'); exec { $path } $path, '-p';` },
  'script-on-stdin': { perl: `exec '/bin/sh';`, stdin: `sleep ${LONG}\n` },
  'own-interpreter': {
    perl: `my $path = tool('runtime', '/usr/bin/perl'); put("$dir/job", "#!$path\\nselect undef, undef, undef, ${LONG};\\n", 0755); exec "$dir/job";`,
  },
  'double-fork': {
    perl: `use POSIX 'setsid'; if (fork() == 0) { setsid(); if (fork() == 0) { my $path = tool('orphan'); linger(0.2); exec { $path } $path, '${LONG}' } exit } wait; linger(1.8);`,
  },
  'false-parent': {
    perl: `my $path = tool('sibling'); if (syscall($nr{clone}, 17 | 0x8000, 0, 0, 0, 0) == 0) { exec { $path } $path, '${LONG}' } linger(1.6);`,
  },
  'number-again': {
    perl: `my $first; for (1 .. 200) { my $a = fork(); if ($a == 0) { exec '/bin/true', 'first' } waitpid($a, 0); linger(0.02);
        put('/proc/sys/kernel/ns_last_pid', $a - 1); my $b = fork(); if ($b == 0) { exec '/bin/true', 'second' } waitpid($b, 0);
        exit 0 if $a == $b } die 'no number came again';`,
  },
  ptrace: {
    perl: `my $pid = victim(); syscall($nr{ptrace}, 16, $pid, 0, 0) == 0 or die $!; waitpid($pid, 0);
      my ($at) = slurp("/proc/$pid/maps") =~ /^([0-9a-f]+)-[0-9a-f]+ rw-p .*\\[stack\\]/m;
      syscall($nr{ptrace}, 5, $pid, hex($at), 0x90) == 0 or die $!; syscall($nr{ptrace}, 17, $pid, 0, 0); over($pid); linger();`,
  },
  'vm-write': {
    perl: `my $pid = victim(); linger(0.1); my ($at) = slurp("/proc/$pid/maps") =~ /^([0-9a-f]+)-[0-9a-f]+ rw-p .*\\[stack\\]/m;
      my $bytes = 'AAAAAAAA'; my $local = pack('PQ', $bytes, 8); my $remote = pack('QQ', hex($at), 8);
      syscall($nr{vm_writev}, $pid, $local, 1, $remote, 1, 0) == 8 or die $!; over($pid); linger();`,
  },
  'mem-file': {
    perl: `my $pid = victim(); linger(0.1); my ($at) = slurp("/proc/$pid/maps") =~ /^([0-9a-f]+)-[0-9a-f]+ rw-p .*\\[stack\\]/m;
      open(my $f, '+<:raw', "/proc/$pid/mem") or die $!; sysseek($f, hex($at), 0); syswrite($f, 'AAAA') == 4 or die $!; over($pid); linger();`,
  },
  'own-code': {
    perl: `my $at = syscall($nr{mmap}, 0, 4096, 3, 0x22, -1, 0); syscall($nr{mprotect}, $at, 4096, 5) == 0 or die $!; linger();`,
  },
  'raw-socket': {
    perl: `socket(my $s, 17, 3, unpack('n', pack('S', 3))) or die $!; linger();`,
  },
  'bpf-program': {
    // mov r0, 0; exit: as BPF_PROG_TYPE_TRACEPOINT, loaded and attached nowhere.
    perl: `my $code = pack('CCsl', 0xb7, 0, 0, 0) . pack('CCsl', 0x95, 0, 0, 0); my $license = "GPL\\0";
      my $attr = pack('LLPPLLQLL', 5, 2, $code, $license, 0, 0, 0, 0, 0) . "\\0" x 80;
      syscall($nr{bpf}, 5, $attr, 120) >= 0 or die $!; linger();`,
  },
  'new-namespaces': {
    perl: `if (syscall($nr{clone}, 17 | 0x10000000 | 0x20000 | 0x20000000, 0, 0, 0, 0) == 0) { my $path = tool('inside'); exec { $path } $path, '${LONG}' } wait;`,
  },
  'other-namespace': {
    perl: `pipe(my $r, my $w); my $pid = fork(); if ($pid == 0) { syscall($nr{unshare}, 0x20000) == 0 or die $!; syswrite($w, 'x'); select(undef, undef, undef, 5); exit }
      sysread($r, my $x, 1); open(my $ns, '<', "/proc/$pid/ns/mnt") or die $!; syscall($nr{setns}, fileno $ns, 0x20000) == 0 or die $!;
      over($pid); my $path = '/bin/sleep'; exec { $path } $path, '${LONG}';`,
  },
  'covered-process': {
    perl: `syscall($nr{unshare}, 0x20000) == 0 or die $!; system('/bin/mount', '--make-rprivate', '/'); mkdir "$dir/empty";
      my $pid = victim(); my ($from, $to, $type) = ("$dir/empty", "/proc/$pid", 'none');
      syscall(${process.arch === 'arm64' ? 40 : 165}, $from, $to, $type, 4096, 0) == 0 or die $!; linger(); over($pid);`,
  },
  uring: {
    node: `
    const parameters = new DataView(new ArrayBuffer(120))
    const ring = call('io_uring_setup', 8, new Uint8Array(parameters.buffer))
    if (typeof ring === 'string') throw new TypeError('io_uring: ' + ring)
    const u32 = (at) => parameters.getUint32(at, true)
    const [tail, mask, array] = [u32(44), u32(48), u32(64)]
    using rings = new MemoryMap(ring, Math.max(array + 32, u32(100) + 256), { offset: 0, writable: true })
    using entries = new MemoryMap(ring, 512, { offset: 0x10000000, writable: true })
    const words = new Uint32Array(rings.buffer)
    const entry = new DataView(entries.buffer)
    const address = (buffer) => BigInt(c('memcpy', 'void *', ['void *', 'void *', 'size_t'], buffer, buffer, 0n))
    const name = Buffer.from(process.argv[1] + '/secret\\0')
    const peer = Buffer.from([2, 0, 0, 9, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    const socket = c('socket', 'int', ['int', 'int', 'int'], 2, 1, 0)
    const submit = (operation, fd, at, offset) => {
      for (let i = 0; i < 64; i += 8) entry.setBigUint64(i, 0n, true)
      entry.setUint8(0, operation)
      entry.setInt32(4, fd, true)
      entry.setBigUint64(8, offset, true)
      entry.setBigUint64(16, at, true)
      words[array / 4 + (words[tail / 4] & words[mask / 4])] = 0
      words[tail / 4] += 1
      return call('io_uring_enter', ring, 1, 1, 1, null, 0)
    }
    submit(18, -100, address(name), 0n)
    submit(16, socket, address(peer), 16n)
    await new Promise((resolve) => setTimeout(resolve, 1300))`,
  },
  'linked-file': {
    perl: `put("$dir/watched/target", 'x'); symlink "$dir/watched/target", "$dir/short"; linger(0.7); open(my $f, '>>', "$dir/short") or die $!; print $f 'y'; close $f; linger();`,
    watched: true,
  },
  'times-by-tool': { perl: `put("$dir/file", 'x'); exec '/usr/bin/touch', '-d', '2001-01-01', "$dir/file";` },
  'times-by-call': {
    perl: `open(my $f, '>', "$dir/watched/file"); close $f; linger(0.7); utime(978307200, 978307200, "$dir/watched/file") or die $!; linger();`,
    watched: true,
  },
} as const satisfies Readonly<Record<string, Act>>

export type ActName = keyof typeof acts
