import { runTogether } from './run-together.ts'

await runTogether('test/services/{queue/bullmq,redis/**}/*.test.ts')
