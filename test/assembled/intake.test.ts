import { runTogether } from './run-together.ts'

await runTogether('test/services/{history,ingest}/!(line-splitter).test.ts')
