import { expect, test } from 'vitest'
import { tcp, told } from '../testing/converse.ts'
import { RPC_BIND, rpcRequest } from '../testing/office-samples.ts'
import { dceRpcParser } from './index.ts'

const svcctl = { interface_uuid: '367abb81-9844-35f1-ad32-98f038001003', endpoint: 'svcctl' }

test('an interface that is bound, and a call of it by its name', () => {
  expect(
    told(dceRpcParser, [['client', Buffer.concat([RPC_BIND, rpcRequest(12), rpcRequest(999)])]]),
  ).toEqual([
    { dcerpc: { command: 'BIND', ...svcctl } },
    { dcerpc: { command: 'REQUEST', ...svcctl, opnum: 12, operation: 'CreateServiceW' } },
    { dcerpc: { command: 'REQUEST', ...svcctl, opnum: 999 } },
  ])
})

test('a call of what was bound before the watch has its number alone', () => {
  expect(told(dceRpcParser, [['client', rpcRequest(3)]])).toEqual([
    { dcerpc: { command: 'REQUEST', opnum: 3 } },
  ])
  expect(dceRpcParser.recognise('client', rpcRequest(3), tcp)).toBe('no')
})

test('a part that goes on another one is told with it', () => {
  const later = Uint8Array.from(rpcRequest(4))
  later[3] = 2
  expect(told(dceRpcParser, [['client', later]])).toEqual([])
})
