import { runTogether } from './run-together.ts'

await runTogether('test/{rig/metered-service,system/{body-cost,dead-letter-cost,first-answer,receipt-cost,request-cost}}.test.ts')
