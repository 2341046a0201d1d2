import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ForeignRecord } from '../record-format.ts'
import { flattenWindowsEvent } from './flatten.ts'

const system = {
  Provider: {
    '#attributes': { Name: 'Microsoft-Windows-Sysmon', Guid: '5770385F-C22A-43E0-BF4C-06F5698FFBD9' },
  },
  EventID: 1,
  Keywords: '0x8000000000000000',
  TimeCreated: { '#attributes': { SystemTime: '2026-04-17T05:24:53.092051Z' } },
  EventRecordID: 83239,
  Correlation: null,
  Execution: { '#attributes': { ProcessID: 3208, ThreadID: 1724 } },
  Channel: 'Microsoft-Windows-Sysmon/Operational',
  Computer: 'host',
  Security: { '#attributes': { UserID: 'S-1-5-18' } },
}
const flatSystem = {
  Provider_Name: 'Microsoft-Windows-Sysmon',
  Provider_Guid: '5770385F-C22A-43E0-BF4C-06F5698FFBD9',
  EventID: 1,
  Keywords: '0x8000000000000000',
  TimeCreated: '2026-04-17T05:24:53.092051Z',
  EventRecordID: 83239,
  Execution_ProcessID: 3208,
  Execution_ThreadID: 1724,
  Channel: 'Microsoft-Windows-Sysmon/Operational',
  Computer: 'host',
  Security_UserID: 'S-1-5-18',
}

describe('converters from XML', () => {
  test('attributes under #attributes', () => {
    expect(
      flattenWindowsEvent({
        Event: {
          '#attributes': { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
          System: system,
          EventData: {
            '#attributes': { Name: 'X' },
            Image: 'a.exe',
            ProcessId: 4,
            LogonId: '0x3e7',
            Empty: null,
          },
        },
      }),
    ).toEqual({
      ...flatSystem,
      EventData_Name: 'X',
      Image: 'a.exe',
      ProcessId: 4,
      LogonId: '0x3e7',
      Empty: null,
    })
  })

  test('attributes beside the element, and the whole below data', () => {
    const event = {
      event_record_id: 5,
      data: {
        Event: {
          System: {
            EventID: '4688',
            EventID_attributes: { Qualifiers: '16384' },
            Provider_attributes: { Name: 'P' },
            TimeCreated_attributes: { SystemTime: 'T' },
          },
          UserData: {
            LogFileCleared_attributes: { xmlns: 'urn:x' },
            LogFileCleared: { Channel: 'Security', SubjectUserName: 'eve' },
          },
        },
      },
    }
    expect(flattenWindowsEvent(event)).toEqual({
      EventID: 4688,
      EventID_Qualifiers: 16_384,
      Provider_Name: 'P',
      TimeCreated: 'T',
      UserData_Channel: 'Security',
      SubjectUserName: 'eve',
    })
  })

  test('attributes with @, Data as a list of named elements', () => {
    const event = {
      Event: {
        '@xmlns': 'urn:x',
        System: {
          EventID: { '@Qualifiers': '0', '#text': '7045' },
          Provider: { '@Name': 'Service Control Manager' },
        },
        EventData: {
          Data: [
            { '@Name': 'ServiceName', '#text': 'evil' },
            { '@Name': 'Threat Name', '#text': 'x' },
            { '@Name': 'Nothing' },
          ],
        },
      },
    }
    expect(flattenWindowsEvent(event)).toEqual({
      EventID: 7045,
      EventID_Qualifiers: 0,
      Provider_Name: 'Service Control Manager',
      ServiceName: 'evil',
      'Threat Name': 'x',
      ThreatName: 'x',
      Nothing: null,
    })
  })

  test('Data without names is a list, one is itself', () => {
    const event = (data: unknown) =>
      flattenWindowsEvent({ Event: { System: { EventID: 1 }, EventData: { Data: data } } })
    expect(event({ '#text': ['a', 'b'] })).toEqual({ EventID: 1, Data: ['a', 'b'] })
    expect(event(['a', 'b'])).toEqual({ EventID: 1, Data: ['a', 'b'] })
    expect(event({ '#text': 'a' })).toEqual({ EventID: 1, Data: 'a' })
    expect(event('a')).toEqual({ EventID: 1, Data: 'a' })
  })

  test('members as attributes, times as seconds, without Event', () => {
    expect(
      flattenWindowsEvent({
        System: {
          Provider: { Name: 'P', Guid: 'G' },
          EventID: { Value: 4624 },
          TimeCreated: { SystemTime: 1_589_000_000.5 },
          Execution: { ProcessID: 4 },
        },
        EventData: { TargetUserName: 'alice' },
        Message: 'An account was logged on',
      }),
    ).toEqual({
      Provider_Name: 'P',
      Provider_Guid: 'G',
      EventID: 4624,
      TimeCreated: '2020-05-09T04:53:20.500Z',
      Execution_ProcessID: 4,
      TargetUserName: 'alice',
      Message: 'An account was logged on',
    })
  })
})

describe('winlogbeat', () => {
  const flat = {
    EventID: 4688,
    Channel: 'Security',
    Provider_Name: 'Microsoft-Windows-Security-Auditing',
    Computer: 'host',
    EventRecordID: 77,
    TimeCreated: '2026-01-01T00:00:00.000Z',
    Message: 'text',
    Execution_ProcessID: 4,
    NewProcessName: 'a.exe',
    UserData_Channel: 'System',
  }

  test('nested, also below _source', () => {
    const event = {
      '@timestamp': '2026-01-01T00:00:00.000Z',
      message: 'text',
      winlog: {
        event_id: '4688',
        channel: 'Security',
        provider_name: 'Microsoft-Windows-Security-Auditing',
        computer_name: 'host',
        record_id: 77,
        process: { pid: 4 },
        event_data: { NewProcessName: 'a.exe' },
        user_data: { Channel: 'System' },
      },
    }
    expect(flattenWindowsEvent(event)).toEqual(flat)
    expect(flattenWindowsEvent({ _index: 'x', _source: event })).toEqual(flat)
  })

  test('dotted', () => {
    const event = {
      '@timestamp': '2026-01-01T00:00:00.000Z',
      message: 'text',
      'winlog.event_id': 4688,
      'winlog.channel': 'Security',
      'winlog.provider_name': 'Microsoft-Windows-Security-Auditing',
      'winlog.computer_name': 'host',
      'winlog.record_id': 77,
      'winlog.process.pid': 4,
      'winlog.event_data.NewProcessName': 'a.exe',
      'winlog.user_data.Channel': 'System',
    }
    expect(flattenWindowsEvent(event)).toEqual(flat)
  })
})

describe('flat records', () => {
  test("NXLog's names are also given as ours", () => {
    const event = {
      EventID: '4688',
      SourceName: 'Microsoft-Windows-Security-Auditing',
      Hostname: 'host',
      RecordNumber: 77,
      EventTime: '2026-01-01 00:00:00',
      Channel: 'Security',
      NewProcessName: 'a.exe',
    }
    expect(flattenWindowsEvent(event)).toEqual({
      ...event,
      EventID: 4688,
      Provider_Name: 'Microsoft-Windows-Security-Auditing',
      Computer: 'host',
      EventRecordID: 77,
      TimeCreated: '2026-01-01 00:00:00',
    })
  })

  test('what has our names already is returned as it is', () => {
    const event = { EventID: 1, Channel: 'c', Provider_Name: 'p', Image: 'a.exe' }
    expect(flattenWindowsEvent(event)).toBe(event)
  })
})

test.each<[string, ForeignRecord]>([
  ['nothing', {}],
  ['an event of something else', { Event: 'login', user: 'eve' }],
  ['an Event without System', { Event: { name: 'x' } }],
  ['a System that is something else', { System: { os: 'linux' } }],
  ['an EventID that says nothing of Windows', { EventID: 5, user: 'eve' }],
  ['a winlog without an event', { winlog: { level: 'x' } }],
  ['data of something else', { data: { x: 1 } }],
])('%s is not a Windows event', (_, record) => {
  expect(flattenWindowsEvent(record)).toBeUndefined()
})

test('never throws, and gives plain objects, whatever a record holds', () => {
  const name = fc.oneof(
    fc.constantFrom(
      '#text',
      '#attributes',
      'Data',
      'Name',
      '@Name',
      'x_attributes',
      '__proto__',
      'EventID',
      'A B',
    ),
    fc.string({ maxLength: 5 }),
  )
  const { payload } = fc.letrec((tie) => ({
    payload: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('payload'), { maxLength: 3 }),
      tie('map'),
    ),
    map: fc.dictionary(name, tie('payload'), { maxKeys: 4 }),
  }))
  fc.assert(
    fc.property(payload, payload, payload, (first, second, third) => {
      for (const record of [
        { Event: { System: first, EventData: second, UserData: third } },
        { System: { EventID: first, Provider: second }, EventData: third },
        { winlog: { event_id: first, event_data: second, user_data: third } },
        { 'winlog.event_id': first, 'winlog.event_data.x': second, 'winlog.event_data.__proto__': third },
        { EventID: first, SourceName: second, Hostname: third },
      ]) {
        const flat = flattenWindowsEvent(record)
        if (flat !== undefined) expect(Object.getPrototypeOf(flat)).toBe(Object.prototype)
      }
    }),
    { numRuns: 300 },
  )
})

test('objects in objects without end are left out', () => {
  let deep: unknown = 'x'
  for (let depth = 0; depth < 5000; depth += 1) deep = depth % 2 === 0 ? [deep] : { Inner: deep }
  expect(
    flattenWindowsEvent({ Event: { System: { EventID: 1 }, EventData: { Data: deep, Image: 'a' } } }),
  ).toEqual({
    EventID: 1,
    Image: 'a',
  })
})

test('a list of many is one list', () => {
  const many = Array.from({ length: 200_000 }, (_, index) => index)
  const event = { Event: { System: { EventID: 1 }, EventData: { Data: many, 'A B': ['x', 'y'] } } }
  const { Data: data, ...rest } = flattenWindowsEvent(event) ?? {}
  expect(rest).toEqual({ EventID: 1, 'A B': ['x', 'y'], AB: ['x', 'y'] })
  expect(String(data) === String(many)).toBe(true)
})

test('one long name does not become many', () => {
  const attributes = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`a${index}`, index]))
  const data = { '#attributes': { Name: 'n'.repeat(400_000), ...attributes }, '#text': 'x' }
  const flat = flattenWindowsEvent({ Event: { System: { EventID: 1 }, EventData: { Data: data } } })
  const names = Object.keys(flat ?? {}).map(({ length }) => length)
  expect(names).toHaveLength(5002)
  expect(names.reduce((sum, length) => sum + length)).toBeLessThan(400_000 + 5000 * 520)
})
