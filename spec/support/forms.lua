-- Forms with files, and a server that takes them.
local forms = {}

forms.POSTED = '{"actionMessage":"sent","formData":{"id":7,"formIdentifier":"f","formData":{"en_US":[]}}}'

-- What an upload returns, of a file of that name.
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

return forms
