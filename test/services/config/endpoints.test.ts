import t from 'tap'
import { endpointsOf } from '../../../services/config/endpoints.ts'
import { loadConfig } from '../../../services/config/load-config.ts'

t.test('an API listens on PORT and on ADMIN_PORT if that is set, a worker on WORKER_PORT alone', async (t) => {
  const main = { host: '127.0.0.1', port: 3000, hostKey: 'HOST', portKey: 'PORT' }
  const admin = { host: '127.0.0.1', port: 3002, hostKey: 'ADMIN_HOST', portKey: 'ADMIN_PORT' }
  const table: [environment: Record<string, string>, main: object, admin: object | undefined][] = [
    [{}, main, undefined],
    [{ ADMIN_PORT: '' }, main, undefined],
    [{ ADMIN_PORT: '3002' }, main, admin],
    [{ ADMIN_PORT: '3002', ROLE: 'api' }, main, admin],
    [{ ADMIN_PORT: '3002', HOST: '0.0.0.0' }, { ...main, host: '0.0.0.0' }, admin],
    [{ ADMIN_PORT: '3002', ADMIN_HOST: '::' }, main, { ...admin, host: '::' }],
    [{ ADMIN_PORT: '0', PORT: '0' }, { ...main, port: 0 }, { ...admin, port: 0 }],
    [{ ADMIN_PORT: '3002', ROLE: 'worker' }, { ...main, port: 3001, portKey: 'WORKER_PORT' }, undefined]
  ]
  for (const [environment, ...expected] of table) {
    const endpoints = endpointsOf(loadConfig(environment))
    t.strictSame([endpoints.main, endpoints.admin], expected, JSON.stringify(environment))
  }
})

t.test('bad values are named', async (t) => {
  const own = (port: number) => ({ key: 'ADMIN_PORT', given: `"${port}"`, allowed: `a port other than PORT (${port})` })
  const table: [environment: Record<string, string>, problems: object[]][] = [
    [{ ADMIN_PORT: '3000' }, [own(3000)]],
    [{ ADMIN_PORT: '80', PORT: '80', ADMIN_HOST: '10.0.0.1' }, [own(80)]],
    [{ ADMIN_PORT: '3000', ROLE: 'worker' }, [own(3000)]],
    [{ ADMIN_PORT: 'x' }, [{ key: 'ADMIN_PORT', given: '"x"', allowed: 'integer from 0 to 65535' }]],
    [{ ADMIN_PORT: '65536', PORT: 'x' }, [{ key: 'PORT' }, { key: 'ADMIN_PORT' }]],
    [{ ADMIN_HOST: '10.0.0.1' }, [{ key: 'ADMIN_HOST', given: '"10.0.0.1"', allowed: 'an address together with ADMIN_PORT' }]]
  ]
  for (const [environment, problems] of table) {
    t.throws(() => loadConfig(environment), { code: 'CONFIG_INVALID', problems }, JSON.stringify(environment))
  }
})
