import t from 'tap'
import { listenFailure } from '../../../services/config/listen-failure.ts'

const config = { ROLE: 'all', HOST: '127.0.0.1', PORT: 80, WORKER_PORT: 3001 } as const
const failure = (code: string) => Object.assign(new Error('listen failed'), { code })

t.test('says why a process cannot listen, and names the key to set', async (t) => {
  const table: [code: string, role: 'all' | 'worker', message: string][] = [
    ['EADDRINUSE', 'all',
      'port 80 of 127.0.0.1 is in use by another process; stop that process, or set PORT to a free port'],
    ['EADDRINUSE', 'worker',
      'port 3001 of 127.0.0.1 is in use by another process; stop that process, or set WORKER_PORT to a free port'],
    ['EACCES', 'all', 'this user may not listen on port 80; set PORT to a port from 1024 on'],
    ['EADDRNOTAVAIL', 'all', '127.0.0.1 is not an address of this machine; set HOST to one of its addresses'],
    ['ENOTFOUND', 'all', '127.0.0.1 is not an address of this machine; set HOST to one of its addresses'],
    ['EOTHER', 'all', 'listen failed']
  ]
  for (const [code, ROLE, message] of table) {
    t.equal(listenFailure(failure(code), { ...config, ROLE }), message, `${code} ${ROLE}`)
  }
})
