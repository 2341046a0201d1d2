import { expect, test } from 'vitest'
import { told } from '../testing/converse.ts'
import { officeSamples } from '../testing/office-samples.ts'
import { dhcpParser } from './index.ts'

const sample = officeSamples.find(({ name }) => name === 'dhcp')

test('a request by name, and a lease that changes how the client reaches the world', () => {
  expect(told(dhcpParser, sample?.said ?? [], sample?.ends)).toEqual([
    {
      dhcp: {
        type: 'request',
        sender: 'client',
        transaction_id: 0x3903f326,
        client_mac: '00:0b:82:01:fc:42',
        hostname: 'kali',
        requested_ip: '192.0.2.10',
        vendor_class: 'MSFT 5.0',
        parameters: [1, 3, 6, 252],
      },
    },
    {
      dhcp: {
        type: 'ack',
        sender: 'server',
        transaction_id: 0x3903f326,
        client_mac: '00:0b:82:01:fc:42',
        assigned_ip: '192.0.2.10',
        lease_time: 3600,
        server_ip: '192.0.2.1',
        subnet_mask: '255.255.255.0',
        routers: ['192.0.2.1'],
        dns_servers: ['192.0.2.1', '192.0.2.2'],
        domain: 'example.com',
        proxy_url: 'http://wpad/wpad.dat',
        static_routes: ['128.0.0.0/1 via 192.0.2.2', '0.0.0.0/0 via 192.0.2.1'],
      },
    },
  ])
})

test('a name in option 81, and options in the field for files', () => {
  const message = Buffer.from(sample?.said[0]?.[1] ?? new Uint8Array(0)).subarray(0, 240)
  const options = Buffer.from([52, 1, 1, 81, 7, 0, 0, 0, 0x68, 0x6f, 0x73, 0x74, 255])
  message.set([12, 0, 56, 2, 0x68, 0x69, 255], 108)
  const [facts] = told(dhcpParser, [['client', Buffer.concat([message, options])]], sample?.ends)
  expect(facts?.dhcp).toMatchObject({ type: 'bootp', hostname: 'host', message: 'hi' })
  expect(facts?.dhcp).not.toHaveProperty('boot_file')
})
