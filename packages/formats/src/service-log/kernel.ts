import { parseAuditPairs } from '../auditd/audit-pairs.ts'
import { factsOf, type ServiceFacts, type ServiceForm } from './facts.ts'

const PROCESS = String.raw`(?<process>.{1,64}?)\[(?<pid>\d{1,10})\]`
const USB = String.raw`usb (?<port>[\d.-]{1,64}): `
const form = (code: string, pattern: string): ServiceForm => ({ code, pattern: new RegExp(`^${pattern}`) })

/** Messages of the kernel that tell of an attack, a fault or a change (Linux 4 to 6; their source is named). */
const FORMS: readonly ServiceForm[] = [
  // mm/oom_kill.c
  form(
    'out_of_memory',
    String.raw`(?:Memory cgroup out of memory|Out of [Mm]emory): Kill(?:ed)? process (?<pid>\d{1,10}),? \((?<process>[^)]{1,64})\)(?:,? .{0,512}?UID:(?<uid>\d{1,10}))?`,
  ),
  form(
    'out_of_memory',
    String.raw`oom-kill:constraint=(?<constraint>\w{1,64}),.{0,1024}?task=(?<process>[^,]{1,64}),pid=(?<pid>\d{1,10}),uid=(?<uid>\d{1,10})`,
  ),
  // arch/x86/mm/fault.c, arch/x86/kernel/traps.c
  form(
    'segfault',
    String.raw`${PROCESS}: segfault at (?<address>[0-9a-f]{1,16}) ip (?:[0-9a-f]{1,16}:)?[0-9a-f]{1,16} sp [0-9a-f]{1,16} error [0-9a-f]{1,8}(?: in (?<file>[^[\s]{1,512}))?`,
  ),
  form(
    'trap',
    String.raw`traps: ${PROCESS} (?:trap )?(?<trap>[a-z][a-z -]{1,64}?) ip:[0-9a-f]{1,16} sp:[0-9a-f]{1,16}(?: error:[0-9a-f]{1,8})?(?: in (?<file>[^[\s]{1,512}))?`,
  ),
  // kernel/module
  form(
    'module_tainted',
    String.raw`(?<module>[\w-]{1,64}): (?<reason>loading out-of-tree module taints kernel|module verification failed: .{1,128}|module license '.{1,64}' taints kernel|module has bad taint.{0,64})\.?`,
  ),
  form(
    'module_refused',
    String.raw`(?:Loading of (?:unsigned )?module is (?:rejected|restricted)|Lockdown: (?<process>.{1,64}?): .{0,64}module.{0,64} is restricted)`,
  ),
  // security/lockdown/lockdown.c
  form(
    'lockdown_refused',
    String.raw`Lockdown: (?<process>.{1,64}?): (?<what>.{1,128}?) is restricted; see man kernel_lockdown`,
  ),
  // drivers/usb
  form(
    'usb_attached',
    String.raw`${USB}New USB device found, idVendor=(?<vendor_id>[0-9a-f]{4}), idProduct=(?<product_id>[0-9a-f]{4})`,
  ),
  form('usb_detached', String.raw`${USB}USB disconnect, device number (?<number>\d{1,4})`),
  form(
    'usb_product',
    String.raw`${USB}(?:Product: (?<product>.{1,256})|Manufacturer: (?<manufacturer>.{1,256})|SerialNumber: (?<serial>.{1,256}))$`,
  ),
  form('usb_storage', String.raw`usb-storage (?<port>[\d.:-]{1,64}): USB Mass Storage device detected`),
  // net/core/dev.c
  form('promiscuous_on', String.raw`(?:device )?(?<device>[\w.@-]{1,32}):? entered promiscuous mode`),
  form('promiscuous_off', String.raw`(?:device )?(?<device>[\w.@-]{1,32}):? left promiscuous mode`),
  form(
    'kernel_fault',
    String.raw`(?<fault>BUG: .{1,128}|Oops: .{1,128}|general protection fault.{0,128}|Kernel panic - .{1,256}|WARNING: CPU: .{1,256})`,
  ),
  form('taint', String.raw`Disabling lock debugging due to kernel taint`),
]

/** nftables' and iptables' `log`: the prefix is the administrator's, the keys are the kernel's (`nf_log_syslog.c`). */
const PACKET =
  /(?:^|[\] ])IN=(?<in>\S{0,32}) OUT=(?<out>\S{0,32}) .{0,256}?SRC=(?<src>[0-9a-fA-F.:]{2,64}) DST=(?<dst>[0-9a-fA-F.:]{2,64}) .{0,256}?PROTO=(?<proto>\w{1,16})(?: SPT=(?<src_port>\d{1,5}) DPT=(?<dst_port>\d{1,5}))?/

/** `[12345.678901] ` before the message, as dmesg(1) and some configurations of syslog have it. */
const UPTIME = /^\[ *\d{1,12}\.\d{1,9}\] /

/** Understands messages of the kernel. */
export function parseKernelMessage(text: string): ServiceFacts | undefined {
  const message = text.replace(UPTIME, '')
  const found = factsOf(FORMS, message)
  if (found !== undefined) return found
  if (message.startsWith('audit: ')) return audit(message)
  if (!message.includes(' SRC=')) return undefined
  const prefix = message.slice(0, message.indexOf('IN=')).trim()
  const packet = factsOf([{ code: 'packet_logged', pattern: PACKET }], message)
  return packet && { code: packet.code, fields: { prefix, ...packet.fields } }
}

/** Records of the audit system, where no daemon takes them: `audit: type=1400 audit(1.2:3): apparmor="DENIED" ...`. */
function audit(message: string): ServiceFacts | undefined {
  if (!message.includes('apparmor="')) return undefined
  const pairs = parseAuditPairs(message)
  const verdict = pairs.get('apparmor')
  if (verdict === undefined) return undefined
  const fields: Record<string, string> = {}
  for (const name of [
    'operation',
    'profile',
    'name',
    'pid',
    'comm',
    'requested_mask',
    'denied_mask',
    'fsuid',
  ]) {
    const value = pairs.get(name)
    if (value !== undefined) fields[name === 'comm' ? 'process' : name] = value
  }
  return {
    code: `apparmor_${verdict
      .toLowerCase()
      .replaceAll(/[^a-z]/g, '')
      .slice(0, 32)}`,
    fields,
  }
}
