import { runTogether } from './run-together.ts'

await runTogether('test/system/{rolling-restart,stop}.test.ts')
