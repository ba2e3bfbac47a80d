-- Counts the open descriptors of this process, without opening one, as the pipe of io.popen would be.
return function()
  local list = os.tmpname()
  os.execute("ls /proc/$PPID/fd >" .. list)
  local n = 0
  for _ in io.lines(list) do n = n + 1 end
  os.remove(list)
  return n
end
