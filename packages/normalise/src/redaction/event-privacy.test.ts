import { type Event, eventSchema } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { type RedactionConfig, redactionConfigSchema } from './config.ts'
import { eventPrivacy } from './event-privacy.ts'
import { textFields } from './event-fields.ts'

const key = new Uint8Array(32).fill(7)
const base = {
  id: 'a-0-1',
  time: 1,
  device: { uid: 'a', hostname: 'web-1' },
  severity_id: 1,
  metadata: { version: '1.8.0', log_provider: 'test', logged_time: 1 },
}
const of = (config: Partial<RedactionConfig>, event: unknown) =>
  eventPrivacy(redactionConfigSchema.parse(config), key).of(eventSchema.parse(event) as Event)

const login = {
  ...base,
  kind: 'authentication',
  class_uid: 3002,
  activity: 'logon',
  status: 'success',
  user: { uid: '1000', name: 'anna' },
  actor_user: { uid: '0', name: 'root' },
  service: 'sshd',
}
const request = {
  ...base,
  kind: 'protocol',
  class_uid: 4002,
  protocol_name: 'http',
  transport: 'tcp',
  src_endpoint: { ip: '192.0.2.1', port: 1 },
  dst_endpoint: { ip: '192.0.2.2', port: 80 },
  http: {
    http_method: 'GET',
    url: 'http://me:hunter2@shop/?password=hunter2&a=1',
    request_length: 0,
    response_length: 0,
    request_headers: [
      { name: 'Authorization', value: 'Custom hunter2' },
      { name: 'Cookie', value: 'sid=hunter2' },
      { name: 'Accept', value: '*/*' },
    ],
  },
}

describe('secrets', () => {
  test('in what was said on a connection, by the name beside a value too', () => {
    const event = of({}, request)
    expect(JSON.stringify(event)).not.toContain('hunter2')
    expect(event).toMatchObject({
      http: {
        url: 'http://me:[redacted]@shop/?password=[redacted]&a=1',
        request_headers: [
          { name: 'Authorization', value: '[redacted]' },
          { name: 'Cookie', value: '[redacted]' },
          { name: 'Accept', value: '*/*' },
        ],
      },
    })
  })

  test('in the arguments of a system call, at any depth', () => {
    const event = of(
      {},
      {
        ...base,
        kind: 'system',
        class_uid: 1003,
        activity: 'mount',
        system_call: 'mount',
        arguments: { target: '/mnt', data: 'username=me,password=hunter2', api_token: 'hunter2', flags: 1 },
      },
    )
    expect(event).toMatchObject({
      arguments: {
        target: '/mnt',
        data: 'username=me,password=[redacted]',
        api_token: '[redacted]',
        flags: 1,
      },
    })
  })

  test('an event that has none is the same object', () => {
    const event = eventSchema.parse(login) as Event
    expect(eventPrivacy(redactionConfigSchema.parse({}), key).of(event)).toBe(event)
  })

  test('what was given is not changed', () => {
    const event = eventSchema.parse(request) as Event
    const before = JSON.stringify(event)
    eventPrivacy(redactionConfigSchema.parse({}), key).of(event)
    expect(JSON.stringify(event)).toBe(before)
  })

  test('stay where redaction is off', () => {
    expect(JSON.stringify(of({ enabled: false }, request))).toContain('hunter2')
  })
})

describe('policies of fields', () => {
  test('hash makes equal values equal and says nothing of them', () => {
    const one = of({ fields: { '*.user.name': 'hash' } }, login)
    const two = of({ fields: { '*.user.name': 'hash' } }, login)
    expect(one).toEqual(two)
    expect(one).toMatchObject({
      user: { uid: '1000', name: expect.stringMatching(/^hash:[0-9a-f]{32}$/) },
      actor_user: { name: 'root' },
    })
    expect(eventSchema.safeParse(one).success).toBe(true)
    const elsewhere = eventPrivacy(
      redactionConfigSchema.parse({ fields: { '*.user.name': 'hash' } }),
      new Uint8Array(32),
    )
    expect(elsewhere.of(eventSchema.parse(login) as Event)).not.toEqual(one)
  })

  test('drop leaves a field out, of one kind alone where that is said', () => {
    const fields = { 'authentication/actor_user.name': 'drop', '*.user.name': 'keep' } as const
    const event = of({ fields }, login)
    expect(event).toMatchObject({ actor_user: { uid: '0' }, user: { name: 'anna' } })
    expect(JSON.stringify(event)).not.toContain('root')
  })

  test.each([
    ['process.cmd_lin', 'hash', 'did you mean process.cmd_line'],
    ['process.name', 'drop', 'cannot be left out'],
    ['process.uid', 'hash', 'says which event it is'],
    ['id', 'hash', 'says which event it is'],
    ['process.cmd_line', 'keep', 'enabled: false'],
    ['log/unmapped', 'hash', 'is no single value'],
    ['*.hashes.value', 'hash', 'has a form of its own'],
    ['nothing/at.all', 'drop', 'there is no field'],
  ])('%s: %s is refused with a reason', (field, policy, reason) => {
    const { error } = redactionConfigSchema.safeParse({ fields: { [field]: policy } })
    expect(error?.issues[0]?.path).toEqual(['fields', field])
    expect(error?.issues[0]?.message).toContain(reason)
  })

  test('every text of every kind is a field, and most may be hashed', () => {
    const all = textFields()
    expect(new Set(all.map(({ kind }) => kind)).size).toBe(12)
    const hashed = all.filter(
      ({ kind, path }) =>
        redactionConfigSchema.safeParse({ fields: { [`${kind}/${path}`]: 'hash' } }).success,
    )
    expect(hashed.length).toBeGreaterThan(all.length / 2)
  })
})
