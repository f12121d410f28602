"""The rules of company chat: one library for every function and for the bridge.

The modules here know neither Lambda events nor the environment nor boto3; what they need from outside
(tables, push channel, time) is passed in. ``chat.aws`` is the one subpackage that knows AWS Lambda, and ``chat.jwks``
the one module that opens sockets of its own.
"""
