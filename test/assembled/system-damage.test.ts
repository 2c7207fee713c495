import { runTogether } from './run-together.ts'

await runTogether('test/system/{absence,damage,dead-letters-full,read-only,spool-pace}.test.ts')
