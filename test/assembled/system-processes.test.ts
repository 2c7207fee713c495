import { runTogether } from './run-together.ts'

await runTogether('test/system/{frozen-worker,late-process,traces,without-handler}.test.ts')
