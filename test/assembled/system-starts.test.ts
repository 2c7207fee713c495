import { runTogether } from './run-together.ts'

await runTogether('test/system/{clock,embedded,npm-start,secrets}.test.ts')
