import t from 'tap'
import { endpointsOf } from '../../../services/config/endpoints.ts'
import { listenFailure } from '../../../services/config/listen-failure.ts'

const config = { HOST: '127.0.0.1', PORT: 80, WORKER_PORT: 3001, ADMIN_HOST: '127.0.0.2', ADMIN_PORT: 81 } as const
const api = endpointsOf({ ...config, ROLE: 'all' })
const worker = endpointsOf({ ...config, ROLE: 'worker' })
const failure = (code: string) => Object.assign(new Error('listen failed'), { code })

t.test('says why a process cannot listen, and names the key to set', async (t) => {
  const table: [code: string, endpoint: typeof api.admin, message: string][] = [
    ['EADDRINUSE', api.main,
      'port 80 of 127.0.0.1 is in use by another process; stop that process, or set PORT to a free port'],
    ['EADDRINUSE', api.admin,
      'port 81 of 127.0.0.2 is in use by another process; stop that process, or set ADMIN_PORT to a free port'],
    ['EADDRINUSE', worker.main,
      'port 3001 of 127.0.0.1 is in use by another process; stop that process, or set WORKER_PORT to a free port'],
    ['EACCES', api.main, 'this user may not listen on port 80; set PORT to a port from 1024 on'],
    ['EACCES', api.admin, 'this user may not listen on port 81; set ADMIN_PORT to a port from 1024 on'],
    ['EADDRNOTAVAIL', api.main, '127.0.0.1 is not an address of this machine; set HOST to one of its addresses'],
    ['ENOTFOUND', api.admin, '127.0.0.2 is not an address of this machine; set ADMIN_HOST to one of its addresses'],
    ['EOTHER', api.main, 'listen failed']
  ]
  for (const [code, endpoint, message] of table) {
    if (endpoint === undefined) throw new Error(`${code}: no endpoint`)
    t.equal(listenFailure(failure(code), endpoint).message, message, `${code} ${endpoint.portKey}`)
  }
})

t.test('a failure that it knows is one to mend; any other stays as it is', async (t) => {
  t.match(listenFailure(failure('EADDRINUSE'), api.main), { name: 'StartFault', code: 'EADDRINUSE' })
  const other = failure('EOTHER')
  t.equal(listenFailure(other, api.main), other)
})
