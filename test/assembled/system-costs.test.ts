import { runTogether } from './run-together.ts'

await runTogether('test/{rig/metered-service,system/{bodies-in-flight,body-cost,dead-letter-cost,receipt-cost,request-cost,stream,stream-memory}}.test.ts')
