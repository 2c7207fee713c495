import { runTogether } from './run-together.ts'

await runTogether('test/services/{history,ingest}/*.test.ts')
