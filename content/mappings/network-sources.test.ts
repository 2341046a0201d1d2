import { silentLogger } from '@vedette/base'
import type { ForeignRecord } from '@vedette/formats'
import { type Event, eventSchema, type LogSource } from '@vedette/model'
import { expect, test } from 'vitest'
import { createEngine } from '../../packages/detect/src/engine.ts'
import { compileText, stillClock } from '../../packages/detect/src/testing/rules.ts'

/** One rule is met by what Zeek wrote, by what Suricata wrote, and by what the sensor itself saw. */

const common = {
  id: 'agent-run-1',
  time: 1,
  device: { uid: 'agent', hostname: 'web-1' },
  severity_id: 1,
  metadata: { version: '1.8.0', log_provider: 'packet', logged_time: 1 },
  src_endpoint: { ip: '192.0.2.1', port: 40_000 },
  dst_endpoint: { ip: '198.51.100.7', port: 21 },
}
const said = { ...common, kind: 'protocol', transport: 'tcp', flow_uid: '0'.repeat(32) }
const zeekEnds = { 'id.orig_h': '192.0.2.1', 'id.orig_p': 40_000, 'id.resp_h': '198.51.100.7', 'id.resp_p': 21 }
const eveEnds = { src_ip: '192.0.2.1', src_port: 40_000, dest_ip: '198.51.100.7', dest_port: 21, flow_id: 1 }

interface Seen {
  readonly source: LogSource
  readonly record: ForeignRecord
}

function met(logsource: LogSource, selection: object): { event: (event: Event) => boolean; record: (seen: Seen) => boolean } {
  const rule = { title: 'x', logsource, detection: { selection, condition: 'selection' } }
  const { rules, problems, warnings } = compileText(JSON.stringify(rule))
  expect([...problems, ...warnings]).toEqual([])
  const engine = createEngine(rules, { clock: stillClock, log: silentLogger })
  return {
    event: (event) => engine.evaluate([event]).length > 0,
    record: ({ record, source }) => {
      let count = 0
      engine.judgeRecords([record], [source], () => {
        count += 1
      })
      return count > 0
    },
  }
}

const zeek = (service: string, record: ForeignRecord): Seen => ({ source: { product: 'zeek', service }, record })
const suricata = (service: string, record: ForeignRecord, category?: string): Seen => ({
  source: { product: 'suricata', service, ...(category !== undefined && { category }) },
  record,
})

const dnsEvent = eventSchema.parse({
  ...said,
  class_uid: 4003,
  protocol_name: 'dns',
  dns: {
    type: 'answer',
    transaction_id: 1,
    hostname: 'aaa.stage.1.example.com',
    query_type: 'TXT',
    query_class: 'IN',
    opcode: 'Query',
    flags: [],
    rcode: 'NOERROR',
    answers: [{ name: 'aaa.stage.1.example.com', type: 'TXT', rdata: 'IEX (x)', ttl: 1 }],
  },
})
const httpEvent = eventSchema.parse({
  ...said,
  class_uid: 4002,
  protocol_name: 'http',
  http: {
    http_method: 'POST',
    url: '/cgi-bin/a?b=c',
    hostname: 'example.com',
    user_agent: 'sqlmap/1.8',
    code: 200,
    request_length: 1,
    response_length: 2,
  },
})
const flowEvent = eventSchema.parse({
  ...common,
  kind: 'network',
  class_uid: 4001,
  activity: 'traffic',
  protocol: 'tcp',
  direction: 'none',
})

test.each<[string, LogSource, object, Event, readonly Seen[]]>([
  [
    'DNS',
    { category: 'dns' },
    { 'query|startswith': 'AAA.stage.', record_type: 'TXT', 'answer|contains': 'IEX' },
    dnsEvent,
    [
      zeek('dns', { ...zeekEnds, query: 'aaa.stage.1.example.com', qtype_name: 'TXT', answers: ['IEX (x)'] }),
      suricata(
        'dns',
        { ...eveEnds, event_type: 'dns', dns: { rrname: 'aaa.stage.1.example.com', rrtype: 'TXT', answers: [{ rdata: 'IEX (x)' }] } },
        'dns',
      ),
      suricata(
        'dns',
        {
          ...eveEnds,
          event_type: 'dns',
          dns: {
            queries: [{ rrname: 'aaa.stage.1.example.com', rrtype: 'TXT' }],
            answers: [{ rdata: 'IEX (x)' }],
          },
        },
        'dns',
      ),
    ],
  ],
  ...(['proxy', 'webserver'] as const).map(
    (category): [string, LogSource, object, Event, readonly Seen[]] => [
      `HTTP, as rules for ${category} name it`,
      { category },
      {
        'c-useragent|contains': 'sqlmap',
        'cs-uri-query|contains': '/cgi-bin/',
        'cs-method': 'POST',
        'sc-status': 200,
        dst_ip: '198.51.100.7',
      },
      httpEvent,
      [
        zeek('http', { ...zeekEnds, method: 'POST', uri: '/cgi-bin/a?b=c', user_agent: 'sqlmap/1.8', status_code: 200 }),
        suricata('http', {
          ...eveEnds,
          event_type: 'http',
          http: { http_method: 'POST', url: '/cgi-bin/a?b=c', http_user_agent: 'sqlmap/1.8', status: 200 },
        }),
      ],
    ],
  ),
  [
    'flows',
    { category: 'firewall' },
    { dst_port: 21, 'dst_ip|cidr': '198.51.100.0/24', src_ip: '192.0.2.1' },
    flowEvent,
    [zeek('conn', zeekEnds), suricata('flow', { ...eveEnds, event_type: 'flow' })],
  ],
])('one rule, three sources: %s', (_, logsource, selection, event, seen) => {
  const rule = met(logsource, selection)
  expect(rule.event(event)).toBe(true)
  expect(seen.map((each) => rule.record(each))).toEqual(seen.map(() => true))
})

test('a record whose questions stand in a list does not decide for the next one, and the other way round', () => {
  const rule = met({ category: 'dns' }, { query: 'b.example.com' })
  const listed = suricata('dns', { ...eveEnds, dns: { queries: [{ rrname: 'b.example.com' }] } }, 'dns')
  const single = suricata('dns', { ...eveEnds, dns: { rrname: 'b.example.com' } }, 'dns')
  for (const order of [
    [listed, single],
    [single, listed],
  ])
    expect(order.map((each) => rule.record(each))).toEqual([true, true])
})

test.each<[string, string, number, object, object, object]>([
  ['zeek', 'smb_files', 4006, { path: '\\\\*\\IPC$', name: 'atsvc' }, {}, { file: 'atsvc' }],
  [
    'zeek',
    'dce_rpc',
    4006,
    { endpoint: 'svcctl', operation: 'CreateServiceW' },
    {},
    { dce_rpc: { command: 'REQUEST', endpoint: 'svcctl', operation: 'CreateServiceW', opnum: 12 } },
  ],
  ['zeek', 'ntlm', 4006, { username: 'admin', 'id.resp_p': 21 }, {}, { user: 'admin' }],
  [
    'suricata',
    'smb',
    4006,
    { 'smb.command': 'SMB2_COMMAND_CREATE', 'smb.filename|contains': 'atsvc', dest_port: 21 },
    {},
    { file: 'atsvc' },
  ],
])('rules for %s %s see what the sensor saw of SMB', (product, service, class_uid, selection, _, facts) => {
  const smb = {
    command: 'SMB2_COMMAND_CREATE',
    session_uid: '1',
    tree_uid: 1,
    share: '\\\\dc\\IPC$',
    share_type: 'pipe',
    ...facts,
  }
  const event = eventSchema.parse({ ...said, class_uid, protocol_name: 'smb', smb })
  const rule = met({ product, service }, selection)
  expect(rule.event(event)).toBe(true)
  expect(rule.event(httpEvent)).toBe(false)
})

test('rules for Zeek see tickets, mails, transfers, desktops and leases', () => {
  const events: readonly [string, object, object][] = [
    [
      'kerberos',
      { request_type: 'TGS', cipher: 'rc4-hmac' },
      { class_uid: 4001, protocol_name: 'kerberos', kerberos: { msg_type: 'KRB_TGS_REP', request_type: 'TGS', ticket_cipher: 'rc4-hmac' } },
    ],
    [
      'smtp',
      { helo: 'a', mailfrom: 'b@c', rcptto: 'd@e', 'subject|contains': 'invoice' },
      { class_uid: 4009, protocol_name: 'smtp', smtp: { smtp_hello: 'a', smtp_from: 'b@c', smtp_to: ['d@e'], subject: 'Your invoice' } },
    ],
    [
      'ftp',
      { user: 'anonymous', command: 'RETR', 'arg|endswith': '.exe', reply_code: 226 },
      {
        class_uid: 4008,
        protocol_name: 'ftp',
        ftp: {
          user: 'anonymous',
          command: 'RETR',
          argument: 'a.exe',
          command_truncated: false,
          codes: [150, 226],
          command_responses: [],
          reply_truncated: false,
        },
      },
    ],
    [
      'rdp',
      { cookie: 'admin', 'id.orig_h|cidr': '192.0.2.0/24' },
      { class_uid: 4005, protocol_name: 'rdp', rdp: { cookie: 'admin', requested_protocols: [] } },
    ],
    [
      'dhcp',
      { mac: '00:11:22:33:44:55', host_name: 'kali' },
      {
        class_uid: 4004,
        protocol_name: 'dhcp',
        dhcp: { type: 'request', sender: 'client', transaction_id: 1, client_mac: '00:11:22:33:44:55', hostname: 'kali' },
      },
    ],
  ]
  for (const [service, selection, facts] of events) {
    const rule = met({ product: 'zeek', service }, selection)
    expect([service, rule.event(eventSchema.parse({ ...said, ...facts }))]).toEqual([service, true])
  }
})
