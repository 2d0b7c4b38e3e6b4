print("martlet-dump")
