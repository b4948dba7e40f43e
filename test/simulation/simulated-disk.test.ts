import { expect, test } from 'vitest'
import { SimulatedDisk } from './simulated-disk.ts'

function withFile(): SimulatedDisk {
  const disk = new SimulatedDisk(() => 0)
  disk.mkdir('/home/held', true)
  disk.mkdir('/home/mine')
  disk.open('/home/mine/entry', 'wx')
  return disk
}

const fails = (code: string) => expect.objectContaining({ code })

test('a directory takes the place of an empty one, and of no other', () => {
  const disk = withFile()
  disk.rename('/home/mine', '/home/held')
  expect(disk.readdir('/home')).toEqual(['held'])
  expect(disk.readdir('/home/held')).toEqual(['entry'])
  disk.mkdir('/home/other')
  expect(() => disk.rename('/home/other', '/home/held')).toThrow(fails('ENOTEMPTY'))
})

test('a file takes the place of a file; what is gone cannot be moved, and what was opened stays', () => {
  const disk = withFile()
  const before = disk.open('/home/mine/entry', 'r')
  disk.open('/home/file', 'wx')
  disk.rename('/home/mine/entry', '/home/file')
  expect(disk.open('/home/file', 'r')).toBe(before)
  expect(() => disk.rename('/home/mine/entry', '/home/file')).toThrow(fails('ENOENT'))
  expect(() => disk.rename('/home/file', '/home/held')).toThrow(fails('EISDIR'))
  disk.unlink('/home/file')
  expect(before).toMatchObject({ kind: 'file' })
})

test('a link leads where it says, also to nothing', () => {
  const disk = withFile()
  disk.symlink('mine/entry', '/home/link')
  expect(disk.realpath('/home/link')).toBe('/home/mine/entry')
  expect(disk.readlink('/home/link')).toBe('mine/entry')
  disk.unlink('/home/mine/entry')
  expect(() => disk.realpath('/home/link')).toThrow(fails('ENOENT'))
  expect(() => disk.open('/home/link', 'r')).toThrow(fails('ENOENT'))
  disk.rmdir('/home/mine')
  expect(() => disk.rmdir('/home')).toThrow(fails('ENOTEMPTY'))
})
