import t from 'tap'
import { bytesOf, headOf } from '../../../rig/load/request.ts'

t.test('a post says how many bytes its body has', async (t) => {
  const request = { method: 'POST' as const, path: '/x', headers: { 'x-a': '1' }, body: 'ü' }
  t.equal(bytesOf(request).toString(), 'POST /x HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: 1\r\ncontent-length: 2\r\n\r\nü')
})

t.test('a get has no body', async (t) =>
  t.equal(bytesOf({ method: 'GET', path: '/', headers: {}, body: '' }).toString(), headOf('GET', '/', {})))
