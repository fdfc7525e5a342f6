"""The HTTP application: the JSON API, the providers' doors, and later the console; on a server and on Lambda alike."""
