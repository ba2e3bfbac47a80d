-- Temporary directories.
local tmp = {}

function tmp.directory()
  local pipe = assert(io.popen("mktemp -d"))
  local path = pipe:read("*l")
  pipe:close()
  return assert(path, "mktemp made no directory")
end

function tmp.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

-- Text of a file, "" when there is none.
function tmp.read(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local text = file:read("*a")
  file:close()
  return text
end

function tmp.remove(path)
  os.execute("rm -rf '" .. path .. "'")
end

return tmp
