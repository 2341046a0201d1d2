import { silentLogger } from '@vedette/base'
import { type Event, eventSchema, type LogSource } from '@vedette/model'
import { expect, test } from 'vitest'
import { createEngine } from '../../packages/detect/src/engine.ts'
import { compileText, stillClock } from '../../packages/detect/src/testing/rules.ts'

/** Rules for logs of DNS servers, proxies, web servers and Zeek, over what the sensor itself saw of these protocols. */

const common = {
  id: 'agent-run-1',
  time: 1,
  device: { uid: 'agent', hostname: 'web-1' },
  severity_id: 1,
  metadata: { version: '1.8.0', log_provider: 'packet', logged_time: 1 },
  kind: 'protocol',
  src_endpoint: { ip: '192.0.2.1', port: 40_000 },
  dst_endpoint: { ip: '198.51.100.7', port: 80 },
  flow_uid: '0'.repeat(32),
}
const dns = eventSchema.parse({
  ...common,
  class_uid: 4003,
  protocol_name: 'dns',
  transport: 'udp',
  dns: {
    type: 'answer',
    transaction_id: 1,
    hostname: 'aaa.stage.1.example.com',
    query_type: 'TXT',
    query_class: 'IN',
    opcode: 'Query',
    flags: [],
    rcode: 'NOERROR',
    answers: [{ name: 'aaa.stage.1.example.com', type: 'TXT', rdata: '"IEX (x)"', ttl: 1 }],
  },
}) as Event
const http = eventSchema.parse({
  ...common,
  class_uid: 4002,
  protocol_name: 'http',
  transport: 'tcp',
  http: {
    http_method: 'POST',
    url: '/cgi-bin/a?b=c',
    hostname: 'example.com',
    user_agent: 'sqlmap/1.8',
    code: 200,
    request_content_type: 'text/plain',
    request_length: 1,
    response_length: 2,
  },
}) as Event

test.each<[LogSource, Record<string, unknown>, Event]>([
  [
    { category: 'dns' },
    { 'query|startswith': 'aaa.stage.', record_type: 'TXT', 'answer|contains': 'IEX' },
    dns,
  ],
  [
    { category: 'proxy' },
    {
      'c-useragent|contains': 'sqlmap',
      'c-uri|contains': '/cgi-bin/',
      'cs-host': 'example.com',
      dst_ip: '198.51.100.7',
    },
    http,
  ],
  [
    { category: 'webserver' },
    {
      'cs-uri-query|contains': '?b=',
      'cs-method': 'POST',
      'sc-status': 200,
      'cs-content-type': 'text/plain',
    },
    http,
  ],
  [
    { product: 'zeek', service: 'dns' },
    { 'query|endswith': '.example.com', qtype_name: 'TXT', 'id.resp_p': 80, rcode_name: 'NOERROR' },
    dns,
  ],
  [
    { product: 'zeek', service: 'http' },
    { method: 'POST', uri: '/cgi-bin/a?b=c', status_code: 200, 'id.resp_h': '198.51.100.7' },
    http,
  ],
])('a rule for %o', (logsource, selection, meant) => {
  const rule = { title: 'x', logsource, detection: { selection, condition: 'selection' } }
  const { rules, problems } = compileText(JSON.stringify(rule))
  expect(problems).toEqual([])
  const engine = createEngine(rules, { clock: stillClock, log: silentLogger })
  const fired = [dns, http].filter((event) => engine.evaluate([event]).length > 0)
  expect(fired).toEqual([meant])
})
