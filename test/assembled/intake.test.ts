import { runTogether } from './run-together.ts'

await runTogether('test/services/{history,intake}/!(line-splitter).test.ts')
