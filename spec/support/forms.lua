-- Forms with files, and a server that takes them.
local json = require "support.fixtures.json"

local forms = {}

forms.POSTED = '{"actionMessage":"sent","formData":{"id":7,"formIdentifier":"f","formData":{"en_US":[]}}}'

-- The body that answers an upload of a file of that name.
function forms.returned(name)
  return ('[{"filename":"%s","downloadLink":"https://cdn.example/%s","size":1,"contentType":"text/plain"}]'):format(name, name)
end

-- A field with files, which are uploaded with that id.
function forms.field(id, value, kind)
  return { marker = "m" .. id, type = kind or "file", value = value, fileQuery = { type = "page", entity = "editor", id = id } }
end

function forms.form(fields)
  return { formIdentifier = "f", formModuleConfigId = 2, moduleEntityIdentifier = "blog", formData = fields }
end

-- Has the server answer uploads by their ids, and other requests by the last segment of their path. `refuse`: a token that gets a 401.
function forms.script(peer, but, refuse)
  but = but or {}
  but["form-data"] = but["form-data"] or { status = 201, body = forms.POSTED }
  but.files = but.files or { status = 201, body = forms.returned "any" }
  peer:script { fallback = { "echo", but = but, refuse = refuse } }
end

-- The uploads' requests, and the formData that were posted, by requests.
function forms.seen(peer)
  local uploads, posts = {}, {}
  for _, request in ipairs(peer:requests()) do
    if request.path:find "/files" then
      uploads[#uploads + 1] = request
    else
      assert(request.path == "/api/content/form-data", request.path)
      posts[#posts + 1] = json.decode(request.body).formData
    end
  end
  return uploads, posts
end

return forms
