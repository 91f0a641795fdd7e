import type { NetworkInterfaceInfo } from 'node:os'
import t from 'tap'
import { advertisedUrl } from '../../../src/actors/cluster/advertised.ts'

const address = (address: string, internal = false): NetworkInterfaceInfo =>
  address.includes(':')
    ? { address, netmask: '', family: 'IPv6', mac: '', internal, cidr: null, scopeid: 0 }
    : { address, netmask: '', family: 'IPv4', mac: '', internal, cidr: null }

const MACHINE = {
  lo: [address('127.0.0.1', true)],
  eth0: [address('fe80::1'), address('fd00::7'), address('10.0.0.7')],
}

t.test('what the operator says is what the others are told', async (t) => {
  t.equal(advertisedUrl({ advertiseUrl: 'https://a.example:1', host: '0.0.0.0' }, 5001, MACHINE), 'https://a.example:1')
})

t.test('else it is the address it listens on, and for every interface one of this machine', async (t) => {
  t.equal(advertisedUrl({ advertiseUrl: null, host: '127.0.0.1' }, 5001, MACHINE), 'http://127.0.0.1:5001')
  t.equal(advertisedUrl({ advertiseUrl: null, host: '::1' }, 5001, MACHINE), 'http://[::1]:5001')
  t.equal(advertisedUrl({ advertiseUrl: null, host: '0.0.0.0' }, 5001, MACHINE), 'http://10.0.0.7:5001')
  t.equal(
    advertisedUrl({ advertiseUrl: null, host: '0.0.0.0' }, 5001, { a: [address('fd00::7')] }),
    'http://[fd00::7]:5001',
  )
  t.equal(advertisedUrl({ advertiseUrl: null, host: '0.0.0.0' }, 5001, {}), 'http://127.0.0.1:5001')
})
