import { runTogether } from './run-together.ts'

await runTogether('test/system/{clock,embedded,frozen-worker,late-process,npm-start,secrets,traces,without-handler}.test.ts')
