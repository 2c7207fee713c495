import { runTogether } from './run-together.ts'

await runTogether('test/system/{delivery,failover,handling,outage,sentinel}.test.ts')
