import { runTogether } from './run-together.ts'

await runTogether('test/system/{crash,redis-crash,replay,rolling-restart,stop}.test.ts')
