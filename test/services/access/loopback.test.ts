import t from 'tap'
import { isLoopbackAddress, isLoopbackHost } from '../../../services/access/loopback.ts'

t.test('an address of loopback is told from one that others reach', async (t) => {
  for (const address of ['127.0.0.1', '127.0.0.53', 'localhost', '::1']) t.ok(isLoopbackAddress(address), address)
  for (const address of ['0.0.0.0', '::', '10.0.0.1', '192.168.127.0', '127.example', '127.0.0.1.example', ''])
    t.notOk(isLoopbackAddress(address), address)
})

t.test('a Host names this machine only by a name that nobody else can give it', async (t) => {
  for (
    const host of [
      'localhost',
      'localhost:3000',
      'LOCALHOST:3000',
      'spillway.localhost:3000',
      '127.0.0.1',
      '127.0.0.1:80',
      '127.1:3000',
      '[::1]',
      '[::1]:3000'
    ]
  ) {
    t.ok(isLoopbackHost(host), host)
  }
  const foreign = [
    undefined,
    '',
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io:3000',
    'evil.example@localhost',
    'localhost@evil.example',
    'evil.example/localhost',
    'evil.example#localhost',
    'evil.example\\localhost',
    '10.0.0.1:3000',
    '[::2]',
    'localhost:port'
  ]
  for (const host of foreign) t.notOk(isLoopbackHost(host), String(host))
})
